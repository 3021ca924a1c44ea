package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.internal.Spans;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * How long something is waited for. When the timer is closed nobody counts any more: what is under
 * way then, be it the clean-up of what was cancelled, goes on to its end.
 *
 * @param after longer than zero
 * @param timer counts it
 */
record Deadline(Duration after, Scheduler timer) {
  private static final Duration LONGEST = Duration.ofDays(36_500);

  Deadline {
    after = countable(after);
  }

  /** The same time, or one that is longer than any process lives and fits into nanoseconds. */
  static Duration countable(Duration time) {
    return time.compareTo(LONGEST) < 0 ? time : LONGEST;
  }

  /**
   * The same work, which fails with {@link TimeoutException}, and is cancelled, when it is over.
   */
  <T> Mono<T> on(Mono<T> work) {
    // Reactor's own limit takes a timer that was closed for one that has run out.
    Mono<Long> over =
        Mono.delay(after, timer)
            .onErrorResume(RejectedExecutionException.class, closed -> Mono.never());
    return work.timeout(
        over,
        Mono.error(() -> new TimeoutException("there was no end within " + Spans.words(after))));
  }
}
