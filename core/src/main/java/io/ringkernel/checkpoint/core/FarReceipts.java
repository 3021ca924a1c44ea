package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.storage.blocking.IoThreads;
import reactor.core.publisher.BufferOverflowStrategy;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * What is told of copies, and who listens. Telling neither waits nor fails, whatever listeners do:
 * each has a bounded queue of its own, and is called by other threads than those that copy.
 */
final class FarReceipts {
  /** Of one listener: older ones that it hasn't taken are dropped. */
  static final int MOST_QUEUED = 1024;

  private static final int THREADS = 16;

  /**
   * Calls listeners, who may block. One for the whole process, as a listener may go on after the
   * end of whom it listens to; no thread stays when all are idle, so that nothing is to be ended.
   */
  private static final Scheduler LISTENERS =
      Schedulers.fromExecutor(new IoThreads("rkcp-receipts", THREADS));

  private final Sinks.Many<FarReceipt> sink = Sinks.many().multicast().directBestEffort();

  /** All from the subscription on; one taken at a time, so that the bound is exact. */
  Flux<FarReceipt> all() {
    return sink.asFlux()
        .onBackpressureBuffer(MOST_QUEUED, old -> {}, BufferOverflowStrategy.DROP_OLDEST)
        .publishOn(LISTENERS, 1);
  }

  /** One at a time, as the sink demands: what follows it only fills queues. */
  synchronized void tell(FarReceipt receipt) {
    sink.tryEmitNext(receipt);
  }

  /** There are no more. */
  synchronized void complete() {
    sink.tryEmitComplete();
  }
}
