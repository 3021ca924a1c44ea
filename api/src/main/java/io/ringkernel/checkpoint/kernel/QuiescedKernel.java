package io.ringkernel.checkpoint.kernel;

import io.ringkernel.checkpoint.HlcTimestamp;
import reactor.core.publisher.Mono;

/**
 * A kernel that stands still: what is captured from it, or restored into it, is at the point where
 * it stands.
 *
 * <p>Captures and restores neither stop it nor let it run on; otherwise they are as {@link
 * CheckpointableKernel} says. A capture into a shadow outlives {@link #resume}; a straight one
 * keeps the kernel standing until it is closed. Once the kernel runs on, captures and restores here
 * are refused.
 */
public interface QuiescedKernel extends CheckpointableKernel {
  /** The kernel's logical time where it stands; must not block. */
  HlcTimestamp hlc();

  /**
   * Lets the kernel run on, once the straight captures taken here are closed. After a restore here
   * that failed half-way, the kernel stays standing, free for another restore. Idempotent: it is
   * done once, and later subscribers get the same answer; what has begun is not cancelled.
   *
   * @param cut the time of the cut it was part of: what the kernel stamps from now on is later;
   *     {@link HlcTimestamp#ZERO} when there is none
   * @return completes when it runs; {@link io.ringkernel.checkpoint.error.KernelException} when it
   *     could not
   */
  Mono<Void> resume(HlcTimestamp cut);
}
