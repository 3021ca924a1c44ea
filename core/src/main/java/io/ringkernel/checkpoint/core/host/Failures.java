package io.ringkernel.checkpoint.core.host;

import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.internal.Messages;

/**
 * How failures of one kernel are told.
 *
 * @param kernelId named in every error
 */
record Failures(String kernelId) {
  /**
   * Something that failed on the way.
   *
   * @param phase what the kernel was asked to do
   * @param what what became of the kernel
   * @param cause what was found; returned as it is when it says all already
   */
  KernelException of(KernelException.Phase phase, String what, Throwable cause) {
    return cause instanceof KernelException known
        ? known
        : new KernelException(kernelId, phase, what + ": " + Messages.of(cause), cause);
  }
}
