package io.ringkernel.checkpoint.internal;

import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.error.StorageException;
import org.jspecify.annotations.Nullable;
import reactor.core.Exceptions;

/**
 * Errors of somebody else's code that Reactor would not tell of, so that subscribers waited for
 * ever: those that it takes for the end of the process, though one survives a library that is
 * missing, or direct memory that is used up; and those that fail again when they are asked what is
 * wrong.
 */
public final class FatalErrors {
  private FatalErrors() {}

  /**
   * A storage's failure as one that subscribers are told of.
   *
   * @param name what was asked for
   * @param failure returned as it is when they are told of it anyway
   */
  public static Throwable ofStorage(String name, Throwable failure) {
    String untold =
        untold(
            failure,
            "the classes that this storage uses don't fit together: see that no other BOM changes"
                + " the versions it asks for");
    return untold == null
        ? failure
        : new StorageException("'" + name + "': " + untold, false, failure);
  }

  /**
   * A kernel's failure as one that subscribers are told of.
   *
   * @param kernelId which kernel
   * @param phase what it was asked to do
   * @param failure returned as it is when they are told of it anyway
   */
  public static Throwable ofKernel(
      String kernelId, KernelException.Phase phase, Throwable failure) {
    String untold =
        untold(
            failure,
            "a class or a native library that it or its hooks use is missing, or is another one"
                + " than they were built for");
    return untold == null ? failure : new KernelException(kernelId, phase, untold, failure);
  }

  /** What to say of it; null for one that is told anyway. */
  private static @Nullable String untold(Throwable failure, String classes) {
    if (!Messages.canBeTold(failure)) {
      return Messages.of(failure);
    }
    if (failure instanceof VirtualMachineError) {
      return failure + "; the process may need more memory";
    }
    return Exceptions.isJvmFatal(failure) ? failure + "; " + classes : null;
  }
}
