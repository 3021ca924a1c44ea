package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.DetachedThreads;
import io.ringkernel.checkpoint.internal.FirstFailure;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Supplier;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * What a checkpointer has opened, to be closed in the opposite order: each whatever becomes of the
 * others, and as often as asked, since every closing here is idempotent.
 */
final class Opened {
  /** A thread for each call, which ends with it: there is nothing to dispose. */
  private static final Scheduler CLOSING =
      Schedulers.fromExecutor(task -> DetachedThreads.start("rkcp-close", task));

  private final Deque<Mono<Void>> closings = new ArrayDeque<>();

  /** Is to be closed with the rest. */
  void closedBy(Supplier<Mono<Void>> closing) {
    closings.push(Mono.defer(closing));
  }

  /**
   * The same of what may block meanwhile. Ending a thread takes a lock that the thread itself may
   * hold, and whoever subscribes may be one that must not wait: so it is done on a thread of its
   * own.
   */
  void closedByBlocking(Runnable closing) {
    closings.push(Mono.<Void>fromRunnable(closing).subscribeOn(CLOSING));
  }

  /** Closes all; the first failure has the others suppressed in it. */
  Mono<Void> close() {
    return Mono.defer(() -> FirstFailure.oneByOne(List.copyOf(closings)));
  }
}
