package io.ringkernel.checkpoint.gpu.cuda;

import io.ringkernel.checkpoint.error.CheckpointException;
import io.ringkernel.checkpoint.error.DeviceLostException;
import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.error.MemoryLostException;
import io.ringkernel.checkpoint.internal.Messages;
import java.util.List;
import java.util.concurrent.TimeoutException;
import reactor.core.Exceptions;

/** How failures are told: the one place where driver codes become the library's errors. */
final class Failures {
  private final String kernelId;

  /**
   * @param kernelId named in every error
   */
  Failures(String kernelId) {
    this.kernelId = kernelId;
  }

  /** Something that was refused before anything was done. */
  KernelException refused(KernelException.Phase phase, String reason) {
    return new KernelException(kernelId, phase, reason, null);
  }

  /**
   * Something that failed on the way.
   *
   * @param phase what the kernel was asked to do
   * @param what what became of the kernel
   * @param cause what was found; returned as it is when it says all already
   */
  CheckpointException of(KernelException.Phase phase, String what, Throwable cause) {
    if (Exceptions.isMultiple(cause)) {
      return of(phase, what, worst(cause));
    }
    if (cause instanceof DeviceLostException known) {
      return known;
    }
    if (cause instanceof KernelException known) {
      return known;
    }
    if (cause instanceof MemoryLostException known) {
      return known;
    }
    if (cause instanceof StuckDriverException stuck) {
      return of(phase, what, stuck);
    }
    if (!(cause instanceof DriverException driver)) {
      return new KernelException(kernelId, phase, what + ": " + Messages.of(cause), cause);
    }
    return driver.isDeviceLost()
        ? new DeviceLostException(kernelId, what + ": " + cause.getMessage(), driver.code(), cause)
        : new KernelException(
            kernelId, phase, what + ": " + cause.getMessage(), driver.code(), cause);
  }

  private CheckpointException of(
      KernelException.Phase phase, String what, StuckDriverException stuck) {
    TimeoutException cause = new TimeoutException(stuck.getMessage());
    cause.setStackTrace(stuck.getStackTrace());
    String message = what + ": " + stuck.getMessage();
    return stuck.isMemoryLost()
        ? new MemoryLostException(kernelId, message, cause)
        : new KernelException(kernelId, phase, message, cause);
  }

  /** Of several copies at once the first one's says it, unless memory was lost in another. */
  private static Throwable worst(Throwable multiple) {
    List<Throwable> all = Exceptions.unwrapMultiple(multiple);
    return all.stream()
        .filter(each -> each instanceof StuckDriverException stuck && stuck.isMemoryLost())
        .findFirst()
        .orElse(all.get(0));
  }

  /**
   * The same where it must be said what became of the kernel, also when what was found says all
   * else already: another kernel's checkpoint that can't be read, for example.
   */
  CheckpointException saying(KernelException.Phase phase, String what, Throwable cause) {
    if (Exceptions.isMultiple(cause)) {
      return saying(phase, what, worst(cause));
    }
    if (!(cause instanceof KernelException known)) {
      return of(phase, what, cause);
    }
    String message = what + ": " + known.getMessage();
    return known.deviceCode().isPresent()
        ? new KernelException(kernelId, phase, message, known.deviceCode().getAsInt(), known)
        : new KernelException(kernelId, phase, message, known);
  }
}
