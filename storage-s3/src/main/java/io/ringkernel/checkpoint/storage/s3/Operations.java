package io.ringkernel.checkpoint.storage.s3;

import io.ringkernel.checkpoint.storage.blocking.BlockingOperations;
import io.ringkernel.checkpoint.storage.blocking.IoThreads;
import io.ringkernel.checkpoint.storage.blocking.UnderWay;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * What is under way in one storage. After {@link #close} nothing begins, and when the last
 * operation has cleaned up, what they all used is given back.
 */
final class Operations {
  private final IoThreads threads;
  private final Scheduler scheduler;
  private final Runnable giveBack;
  private final UnderWay underWay = new UnderWay(this::shutDown);
  private final Sinks.Empty<Void> closed = Sinks.empty();
  private final Sinks.Empty<Void> ended = Sinks.empty();

  /**
   * @param giveBack run once after the last operation, on one of the threads, which end then
   */
  Operations(IoThreads threads, Runnable giveBack) {
    this.threads = threads;
    this.scheduler = Schedulers.fromExecutor(threads);
    this.giveBack = giveBack;
  }

  UnderWay underWay() {
    return underWay;
  }

  /** Run what an operation does that began and has not ended. */
  Executor threads() {
    return threads;
  }

  /**
   * Requests that change nothing that must be undone: run on the threads, and cancelled when this
   * storage closes meanwhile.
   */
  <T> Flux<T> untilClosed(String name, Flux<T> work) {
    return Flux.defer(
        () -> {
          UnderWay.Operation operation = stopped -> {};
          if (!underWay.begin(operation)) {
            return Flux.error(BlockingOperations.closed(name));
          }
          AtomicBoolean stopped = new AtomicBoolean();
          return work.subscribeOn(scheduler)
              .onErrorMap(failure -> Failures.of(name, failure))
              // It cancels when the other completes, but not when that fails.
              .takeUntilOther(
                  closed.asMono().publishOn(scheduler).doOnSuccess(none -> stopped.set(true)))
              .concatWith(
                  Mono.defer(
                      () ->
                          stopped.get()
                              ? Mono.error(BlockingOperations.closed(name))
                              : Mono.empty()))
              .doFinally(signal -> underWay.end(operation));
        });
  }

  /** See {@link io.ringkernel.checkpoint.storage.CheckpointStorage#close}. */
  Mono<Void> close() {
    return Mono.defer(
        () -> {
          underWay.close();
          closed.tryEmitEmpty();
          // Whoever blocks one of our own threads here would wait for itself.
          return threads.isOwnThread() ? ended.asMono() : threads.ended();
        });
  }

  private void shutDown() {
    threads.execute(
        () -> {
          giveBack.run();
          threads.stop();
          ended.tryEmitEmpty();
        });
  }
}
