package io.ringkernel.checkpoint.storage.file;

import io.ringkernel.checkpoint.error.StorageException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * The threads of one storage, and what is under way on them.
 *
 * <p>One queue feeds all threads, so that no task waits behind one that blocks while another thread
 * is idle. The threads end when they are not needed, and with {@link #close} once the last
 * operation has cleaned up.
 */
final class Operations {
  /** Something under way that {@link #close} brings to an end and waits for. */
  interface Operation {
    /** Asks to clean up soon, fail with this error, and call {@link #end}. Must not block. */
    void stop(StorageException closed);
  }

  /** Blocking on a disk is cheap; more would only take memory. */
  private static final int THREADS =
      Math.min(16, Math.max(4, 2 * Runtime.getRuntime().availableProcessors()));

  private static final long IDLE_SECONDS = 10;
  private static final AtomicInteger STORAGES = new AtomicInteger();

  private final ThreadGroup group = new ThreadGroup("rkcp-file-" + STORAGES.incrementAndGet());
  private final AtomicInteger threadNumber = new AtomicInteger();
  private final Sinks.Empty<Void> ended = Sinks.empty();
  private final Sinks.Empty<Void> terminated = Sinks.empty();
  private final ThreadPoolExecutor threads = new Threads();
  private final Set<Operation> open = new HashSet<>();
  private boolean closing;

  Operations() {
    threads.allowCoreThreadTimeOut(true);
  }

  static int threadCount() {
    return THREADS;
  }

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
          AtomicBoolean cancelled = new AtomicBoolean();
          Operation operation = closed -> {};
          if (!begin(operation)) {
            sink.error(closed(name));
            return;
          }
          sink.onCancel(() -> cancelled.set(true));
          execute(
              () -> {
                try {
                  if (cancelled.get()) {
                    end(operation);
                    return;
                  }
                  T value = work.call();
                  end(operation);
                  sink.success(value);
                } catch (Throwable e) {
                  end(operation);
                  sink.error(Failures.of(name, e));
                }
              });
        });
  }

  /**
   * Work that nobody waits for but {@link #close}.
   *
   * @param work is given what tells it to end early; must not throw
   */
  void run(Consumer<BooleanSupplier> work) {
    AtomicBoolean stopped = new AtomicBoolean();
    Operation operation = closed -> stopped.set(true);
    if (begin(operation)) {
      execute(
          () -> {
            work.accept(stopped::get);
            end(operation);
          });
    }
  }

  /** See {@link io.ringkernel.checkpoint.storage.CheckpointStorage#close}. */
  Mono<Void> close() {
    return Mono.defer(
        () -> {
          stopAll();
          // Whoever blocks one of our own threads here would wait for itself.
          boolean ours = Thread.currentThread().getThreadGroup() == group;
          return ours ? ended.asMono() : terminated.asMono();
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
    threads.shutdown();
    ended.tryEmitEmpty();
  }

  static StorageException closed(String name) {
    return new StorageException(
        "'" + name + "': this storage was closed; open it again", false, null);
  }

  /** Daemon threads of one group, which also tells when the last is gone. */
  private final class Threads extends ThreadPoolExecutor {
    Threads() {
      super(THREADS, THREADS, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>());
      setThreadFactory(
          task -> {
            String name = group.getName() + "-" + threadNumber.incrementAndGet();
            Thread thread = new Thread(group, task, name);
            thread.setDaemon(true);
            return thread;
          });
    }

    @Override
    protected void terminated() {
      terminated.tryEmitEmpty();
    }
  }
}
