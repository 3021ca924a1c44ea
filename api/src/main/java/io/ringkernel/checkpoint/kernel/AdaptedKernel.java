package io.ringkernel.checkpoint.kernel;

import reactor.core.publisher.Mono;

/**
 * A kernel that an adapter made of a description. What the adapter made for it (shadows, pinned
 * memory, streams) stays until it is closed; the memory of the description stays the caller's.
 */
public interface AdaptedKernel extends QuiescableKernel {
  /**
   * Releases what the adapter made. Captures, restores and quiesces are refused from now on. This
   * waits for those under way, for the kernel's open checkpoints to be closed, and for a kernel
   * that stands still for a cut to run on; the adapter decides how long. Idempotent; a close that
   * failed may be tried again.
   *
   * @return {@link io.ringkernel.checkpoint.error.KernelException} of phase {@code CLOSE} when that
   *     takes too long, or something can't be released
   */
  Mono<Void> close();
}
