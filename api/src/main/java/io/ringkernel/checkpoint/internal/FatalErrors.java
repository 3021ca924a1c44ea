package io.ringkernel.checkpoint.internal;

import io.ringkernel.checkpoint.error.StorageException;
import reactor.core.Exceptions;

/**
 * Errors that Reactor takes for the end of the process. It throws them where it tells of others,
 * and lets subscribers wait for ever. But a process survives a library that is missing, or direct
 * memory that is used up.
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
    if (!Exceptions.isJvmFatal(failure)) {
      return failure;
    }
    String help =
        failure instanceof VirtualMachineError
            ? "the process may need more memory"
            : "the classes that this storage uses don't fit together: see that no other BOM changes"
                + " the versions it asks for";
    return new StorageException("'" + name + "': " + failure + "; " + help, false, failure);
  }
}
