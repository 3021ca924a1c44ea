package io.ringkernel.checkpoint.storage.blocking;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;

/**
 * The operations under way in one storage. After {@link #close} no operation begins; when the last
 * one has cleaned up, what they all used is released.
 */
public final class UnderWay {
  private final Runnable giveBack;
  private final Set<Operation> open = new HashSet<>();
  private boolean closing;

  /**
   * @param giveBack run once, by the operation that ends last; must not block
   */
  public UnderWay(Runnable giveBack) {
    this.giveBack = giveBack;
  }

  /** Counts an operation; false when the storage is closing. */
  public synchronized boolean begin(Operation operation) {
    if (closing) {
      return false;
    }
    open.add(operation);
    return true;
  }

  /** Called by an operation that began, when only its last signal is left. */
  public void end(Operation operation) {
    boolean last;
    synchronized (this) {
      last = open.remove(operation) && closing && open.isEmpty();
    }
    if (last) {
      giveBack.run();
    }
  }

  /**
   * Work that leaves nothing to undo wherever it is cancelled. If the storage closes meanwhile, the
   * work is cancelled and fails.
   *
   * @param name what is asked for, for messages
   * @param work cancelled on one of these threads, on which it also fails
   * @param threads of the storage
   */
  public <T> Flux<T> untilClosed(String name, Flux<T> work, Scheduler threads) {
    return Flux.defer(
        () -> {
          Sinks.Empty<Void> closed = Sinks.empty();
          Operation operation = new Operation(name, closed::tryEmitEmpty);
          if (!begin(operation)) {
            return Flux.error(BlockingOperations.closed(name));
          }
          return work.subscribeOn(threads)
              // It cancels when the other completes, but not when that fails.
              .takeUntilOther(closed.asMono().publishOn(threads))
              .concatWith(
                  Mono.defer(
                      () ->
                          operation.isUnwanted()
                              ? Mono.error(BlockingOperations.closed(name))
                              : Mono.empty()))
              .doFinally(signal -> end(operation));
        });
  }

  /** How many operations are under way. */
  public synchronized int count() {
    return open.size();
  }

  /** Asks all operations to stop; idempotent. */
  public void close() {
    List<Operation> running;
    synchronized (this) {
      if (closing) {
        return;
      }
      closing = true;
      running = List.copyOf(open);
    }
    running.forEach(Operation::stop);
    if (running.isEmpty()) {
      giveBack.run();
    }
  }
}
