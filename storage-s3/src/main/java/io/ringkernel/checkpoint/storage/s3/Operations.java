package io.ringkernel.checkpoint.storage.s3;

import io.ringkernel.checkpoint.error.StorageException;
import io.ringkernel.checkpoint.storage.blocking.BlockingOperations;
import io.ringkernel.checkpoint.storage.blocking.IoThreads;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
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
  /** Something under way that {@link #close} brings to an end and waits for. */
  interface Operation {
    /** Asks to clean up soon, fail with this error, and call {@link #end}. Must not block. */
    void stop(StorageException closed);
  }

  private final IoThreads threads;
  private final Scheduler scheduler;
  private final Runnable giveBack;
  private final Set<Operation> open = new HashSet<>();
  private final Sinks.Empty<Void> closed = Sinks.empty();
  private final Sinks.Empty<Void> ended = Sinks.empty();
  private boolean closing;

  /**
   * @param giveBack run once after the last operation, on one of the threads, which end then
   */
  Operations(IoThreads threads, Runnable giveBack) {
    this.threads = threads;
    this.scheduler = Schedulers.fromExecutor(threads);
    this.giveBack = giveBack;
  }

  /** Takes an operation into account; false when this storage is closing. */
  synchronized boolean begin(Operation operation) {
    if (closing) {
      return false;
    }
    open.add(operation);
    return true;
  }

  /** Called by an operation that began, when nothing of it is left but its last signal. */
  void end(Operation operation) {
    boolean last;
    synchronized (this) {
      last = open.remove(operation) && closing && open.isEmpty();
    }
    if (last) {
      shutDown();
    }
  }

  /** How many are under way. */
  synchronized int count() {
    return open.size();
  }

  /** Runs a task of an operation that began and has not ended. */
  void execute(Runnable task) {
    threads.execute(task);
  }

  /**
   * Requests that change nothing that must be undone: run on the threads, and cancelled when this
   * storage closes meanwhile.
   */
  <T> Flux<T> untilClosed(String name, Flux<T> work) {
    return Flux.defer(
        () -> {
          Operation operation = stopped -> {};
          if (!begin(operation)) {
            return Flux.error(BlockingOperations.closed(name));
          }
          return work.subscribeOn(scheduler)
              .onErrorMap(failure -> Failures.of(name, failure))
              .takeUntilOther(
                  closed
                      .asMono()
                      .publishOn(scheduler)
                      .then(Mono.error(() -> BlockingOperations.closed(name))))
              .doFinally(signal -> end(operation));
        });
  }

  /** See {@link io.ringkernel.checkpoint.storage.CheckpointStorage#close}. */
  Mono<Void> close() {
    return Mono.defer(
        () -> {
          stopAll();
          // Whoever blocks one of our own threads here would wait for itself.
          return threads.isOwnThread() ? ended.asMono() : threads.ended();
        });
  }

  private void stopAll() {
    List<Operation> running;
    boolean first;
    synchronized (this) {
      first = !closing;
      closing = true;
      running = new ArrayList<>(open);
    }
    if (!first) {
      return;
    }
    running.forEach(operation -> operation.stop(BlockingOperations.closed("what was under way")));
    closed.tryEmitEmpty();
    if (running.isEmpty()) {
      shutDown();
    }
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
