package io.ringkernel.checkpoint.examples;

import io.ringkernel.checkpoint.kernel.QuiescableKernel;
import reactor.core.publisher.Mono;

/**
 * A wave in a cube that is let run from step to step, whoever computes it: the CPU, or a kernel
 * that never ends on a GPU.
 */
public interface Wave extends QuiescableKernel, AutoCloseable {
  /**
   * Lets it run to a step.
   *
   * @param step where to rest; one that was reached before is reached now
   * @return the step it is at: {@code step}, or a later one
   */
  Mono<Long> runTo(long step);

  /** Ends it. What is waited for fails; idempotent. */
  @Override
  void close();
}
