package io.ringkernel.checkpoint.storage.s3;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * A bounded number of daemon threads on which this storage's own work and its subscribers run, so
 * that neither the caller's thread nor the event loops of the HTTP client are held up.
 *
 * <p>Tasks come from threads that must not block, so that none may wait for a lock: a {@link
 * java.util.concurrent.ThreadPoolExecutor} takes one to start a thread. All threads share one
 * queue: no task waits behind one that blocks while another thread is idle.
 */
final class CallbackThreads implements Executor {
  /** Work is short; only what subscribers do, and the search for credentials, may block. */
  static final int MOST = Math.min(16, Math.max(4, 2 * Runtime.getRuntime().availableProcessors()));

  private static final long IDLE_SECONDS = 10;

  private static final Runnable STOP = new Stop();

  private final String name;
  private final LinkedTransferQueue<Runnable> tasks = new LinkedTransferQueue<>();
  private final AtomicInteger started = new AtomicInteger();
  private final AtomicInteger running = new AtomicInteger();
  private final Sinks.Empty<Void> ended = Sinks.empty();
  private volatile boolean stopping;

  /** Threads will be called by {@code name} and a number. */
  CallbackThreads(String name) {
    this.name = name;
  }

  /** Runs a task soon. Never waits. */
  @Override
  public void execute(Runnable task) {
    if (tasks.tryTransfer(task)) {
      return;
    }
    if (takesPlace()) {
      new CallbackThread(task).start();
    } else {
      tasks.add(task);
    }
  }

  /** Ends all threads once the tasks so far are done; none may come after. */
  void stop() {
    stopping = true;
    tasks.add(STOP);
    tellWhenEnded();
  }

  /** Completes when the last thread is about to end after {@link #stop}. */
  Mono<Void> ended() {
    return ended.asMono();
  }

  /** Whether the caller is one of these threads. */
  boolean isOwnThread() {
    return Thread.currentThread() instanceof CallbackThread own && own.owner() == this;
  }

  private boolean takesPlace() {
    return running.getAndUpdate(n -> Math.min(n + 1, MOST)) < MOST;
  }

  private void tellWhenEnded() {
    if (stopping && running.get() == 0) {
      ended.tryEmitEmpty();
    }
  }

  /** Ends each thread that gets it, which passes it on. */
  private record Stop() implements Runnable {
    @Override
    public void run() {}
  }

  private final class CallbackThread extends Thread {
    private @Nullable Runnable task;

    CallbackThread(Runnable first) {
      super(name + "-" + started.incrementAndGet());
      setDaemon(true);
      task = first;
    }

    CallbackThreads owner() {
      return CallbackThreads.this;
    }

    @Override
    public void run() {
      do {
        while (task != null && task != STOP) {
          run(task);
          task = next();
        }
        if (task == STOP) {
          tasks.add(STOP);
        }
        running.decrementAndGet();
      } while (task == null && hasWorkAgain());
      tellWhenEnded();
    }

    private void run(Runnable current) {
      try {
        current.run();
      } catch (Throwable e) {
        getUncaughtExceptionHandler().uncaughtException(this, e);
      }
    }

    /** A task that came while this thread gave up its place was left to it. */
    private boolean hasWorkAgain() {
      if (tasks.isEmpty() || !takesPlace()) {
        return false;
      }
      task = tasks.poll();
      return true;
    }

    private @Nullable Runnable next() {
      try {
        return tasks.poll(IDLE_SECONDS, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        // Interrupted from outside: that ends this thread and nothing else.
        return null;
      }
    }
  }
}
