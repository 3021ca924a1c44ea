package io.ringkernel.checkpoint.kernel;

import reactor.core.publisher.Mono;

/**
 * A kernel that an adapter made of a description. What the adapter made for it (shadows, pinned
 * memory, streams) stays until it is closed; the memory of the description stays the caller's.
 */
public interface AdaptedKernel extends QuiescableKernel {
  /**
   * Gives back what the adapter made. Captures, restores and quiesces are refused from now on;
   * those under way are waited for, as are the kernel's open checkpoints and its standing still for
   * a cut. How long is up to the adapter. Idempotent; one that failed may be tried again.
   *
   * @return {@link io.ringkernel.checkpoint.error.KernelException} of phase {@code CLOSE} when that
   *     takes too long, or something can't be given back
   */
  Mono<Void> close();
}
