package io.ringkernel.checkpoint.storage.s3;

import io.ringkernel.checkpoint.storage.blocking.IoThreads;
import io.ringkernel.checkpoint.storage.blocking.UnderWay;
import java.util.concurrent.Executor;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** What is under way in one storage, and the threads that do it: they end with the last. */
final class Operations {
  private final IoThreads threads;
  private final Scheduler scheduler;
  private final Failures failures;
  private final Runnable giveBack;
  private final UnderWay underWay = new UnderWay(this::shutDown);

  /**
   * @param failures tells what failed
   * @param giveBack run once after the last operation, on one of the threads, which end then
   */
  Operations(IoThreads threads, Failures failures, Runnable giveBack) {
    this.threads = threads;
    this.failures = failures;
    this.scheduler = Schedulers.fromExecutor(threads);
    this.giveBack = giveBack;
  }

  UnderWay underWay() {
    return underWay;
  }

  Failures failures() {
    return failures;
  }

  /** Run what an operation does that began and has not ended. */
  Executor threads() {
    return threads;
  }

  /** Requests that change nothing that must be undone, on the threads. */
  <T> Flux<T> untilClosed(String name, Flux<T> work) {
    return underWay.untilClosed(
        name, work.onErrorMap(failure -> failures.of(name, failure)), scheduler);
  }

  /** See {@link io.ringkernel.checkpoint.storage.CheckpointStorage#close}. */
  Mono<Void> close() {
    return Mono.defer(
        () -> {
          underWay.close();
          return threads.ended();
        });
  }

  private void shutDown() {
    threads.execute(
        () -> {
          giveBack.run();
          threads.stop();
        });
  }
}
