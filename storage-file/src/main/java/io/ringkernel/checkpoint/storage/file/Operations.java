package io.ringkernel.checkpoint.storage.file;

import io.ringkernel.checkpoint.error.StorageException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.core.publisher.Sinks;

/**
 * What is under way in one storage, and the threads that do it. They end with {@link #close} once
 * the last operation has cleaned up.
 */
final class Operations {
  /** Something under way that {@link #close} brings to an end and waits for. */
  interface Operation {
    /** Asks to clean up soon, fail with this error, and call {@link #end}. Must not block. */
    void stop(StorageException closed);
  }

  private static final AtomicInteger STORAGES = new AtomicInteger();

  private final IoThreads threads = new IoThreads("rkcp-file-" + STORAGES.incrementAndGet());
  private final Sinks.Empty<Void> ended = Sinks.empty();
  private final Set<Operation> open = new HashSet<>();
  private boolean closing;

  /** Takes an operation into account; false when this storage is closing. */
  synchronized boolean begin(Operation operation) {
    if (closing) {
      return false;
    }
    open.add(operation);
    return true;
  }

  /** Called once by an operation that began, when nothing of it is left but its last signal. */
  void end(Operation operation) {
    boolean last;
    synchronized (this) {
      open.remove(operation);
      last = closing && open.isEmpty();
    }
    if (last) {
      shutDown();
    }
  }

  /** Runs a task of an operation that began and has not ended. */
  void execute(Runnable task) {
    threads.execute(task);
  }

  /** One short piece of work as a {@code Mono}; each subscription runs it again. */
  <T> Mono<T> call(String name, Callable<T> work) {
    return Mono.create(
        sink -> {
          Call<T> call = new Call<>(name, work, sink);
          if (begin(call)) {
            sink.onCancel(call);
            execute(call);
          } else {
            sink.error(closed(name));
          }
        });
  }

  /** A piece of work that is done at once or, if cancelled before its turn, not at all. */
  private final class Call<T> implements Operation, Runnable, Disposable {
    private final String name;
    private final Callable<T> work;
    private final MonoSink<T> sink;
    private volatile boolean cancelled;

    Call(String name, Callable<T> work, MonoSink<T> sink) {
      this.name = name;
      this.work = work;
      this.sink = sink;
    }

    @Override
    public void run() {
      Runnable signal = () -> {};
      try {
        if (!cancelled) {
          T value = work.call();
          signal = () -> sink.success(value);
        }
      } catch (Throwable e) {
        signal = () -> sink.error(Failures.of(name, e));
      }
      end(this);
      signal.run();
    }

    /** It ends soon by itself. */
    @Override
    public void stop(StorageException closed) {}

    @Override
    public void dispose() {
      cancelled = true;
    }
  }

  /**
   * Work that nobody waits for but {@link #close}.
   *
   * @param work is given what tells it to end early
   */
  void run(Consumer<BooleanSupplier> work) {
    AtomicBoolean stopped = new AtomicBoolean();
    Operation operation = closed -> stopped.set(true);
    if (begin(operation)) {
      execute(
          () -> {
            try {
              work.accept(stopped::get);
            } finally {
              end(operation);
            }
          });
    }
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
    synchronized (this) {
      closing = true;
      running = new ArrayList<>(open);
    }
    running.forEach(operation -> operation.stop(closed("what was under way")));
    if (running.isEmpty()) {
      shutDown();
    }
  }

  private void shutDown() {
    threads.stop();
    ended.tryEmitEmpty();
  }

  static StorageException closed(String name) {
    return new StorageException(
        "'" + name + "': this storage was closed; open it again", false, null);
  }
}
