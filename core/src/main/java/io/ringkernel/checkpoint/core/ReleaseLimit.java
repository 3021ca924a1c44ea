package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.error.KernelException;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * How long it is waited for a kernel to run on when its checkpoint is released. The release itself
 * goes on to its end.
 *
 * @param limit longer than zero
 * @param timer counts it
 */
record ReleaseLimit(Duration limit, Scheduler timer) {
  /**
   * Releases a checkpoint.
   *
   * @return completes when its kernel runs on; fails when it does not, or not in time
   */
  Mono<Void> release(Checkpoint checkpoint) {
    return new Deadline(limit, timer)
        .on(checkpoint.release())
        .onErrorMap(
            TimeoutException.class,
            e ->
                new KernelException(
                    checkpoint.metadata().kernelId(),
                    KernelException.Phase.RESUME,
                    "it did not run on within " + limit,
                    e));
  }
}
