package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.internal.Spans;
import io.ringkernel.checkpoint.internal.ThrownErrors;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * How long it is waited for one thing that a kernel does.
 *
 * @param time longer than zero
 * @param timer counts it
 */
record KernelLimit(Duration time, Scheduler timer) {
  /**
   * One thing that a kernel does, cancelled when it takes too long.
   *
   * @param what did not happen then, in words
   * @return fails with {@link KernelException} when the time is over
   */
  <T> Mono<T> on(String kernelId, KernelException.Phase phase, String what, Mono<T> step) {
    return new Deadline(time, timer)
        .on(ThrownErrors.ofKernel(kernelId, phase, step))
        .onErrorMap(
            TimeoutException.class,
            e -> new KernelException(kernelId, phase, what + " within " + Spans.words(time), e));
  }

  /**
   * Releases a checkpoint, which goes on to its end in any case.
   *
   * @return completes when its kernel runs on; fails when it does not, or not in time
   */
  Mono<Void> release(Checkpoint checkpoint) {
    return on(
        checkpoint.metadata().kernelId(),
        KernelException.Phase.RESUME,
        "it did not run on",
        checkpoint.release());
  }
}
