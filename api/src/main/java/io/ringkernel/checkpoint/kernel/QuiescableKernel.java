package io.ringkernel.checkpoint.kernel;

import reactor.core.publisher.Mono;

/**
 * A kernel that can be stopped and kept standing, so that several kernels can be captured, or
 * restored, at one consistent cut: stop all, capture all, let all run on.
 *
 * <p>MUST, beyond {@link CheckpointableKernel}:
 *
 * <ul>
 *   <li>stand still from the moment {@link #quiesce} completes until {@link QuiescedKernel#resume}
 *       is subscribed to: only a restore of the quiesced kernel changes its state. What others have
 *       sent it before, and it has not taken yet, is part of its state, or reaches it before it is
 *       captured;
 *   <li>come to a stop also while it waits for another kernel, which may stand still already;
 *   <li>count as one capture: other captures and restores wait, or are refused, until it runs on;
 *   <li>run on when {@link #quiesce} fails or is cancelled, and when nobody received the result.
 * </ul>
 */
public interface QuiescableKernel extends CheckpointableKernel {
  /**
   * Brings the kernel to a consistent point and keeps it there.
   *
   * @return the kernel as it stands; whoever receives it resumes it, whatever happens
   */
  Mono<QuiescedKernel> quiesce();
}
