package io.ringkernel.checkpoint.storage.blocking;

import io.ringkernel.checkpoint.DetachedThreads;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * A bounded number of daemon threads for blocking work, started when needed, ended when idle.
 *
 * <p>Tasks come from threads that must not block, so handing one over must not wait for a lock: a
 * {@link java.util.concurrent.ThreadPoolExecutor} takes a lock to start a thread. All threads share
 * one queue: no task waits behind one that blocks while another thread is idle.
 */
public final class IoThreads implements Executor {
  private static final Duration IDLE = Duration.ofSeconds(10);

  private static final Runnable STOP = new Stop();

  private final String name;
  private final int most;
  private final long idleNanos;
  private final LinkedTransferQueue<Runnable> tasks = new LinkedTransferQueue<>();
  private final AtomicInteger started = new AtomicInteger();
  private final AtomicInteger running = new AtomicInteger();
  private final Set<Thread> own = ConcurrentHashMap.newKeySet();
  private final Sinks.Empty<Void> ended = Sinks.empty();
  private final Sinks.Empty<Void> stopped = Sinks.empty();
  private volatile boolean stopping;

  /**
   * Starts none yet.
   *
   * @param name the threads' name, before a number
   * @param most how many are at work at once, at least 1
   */
  public IoThreads(String name, int most) {
    this(name, most, IDLE);
  }

  /**
   * @param idle how long a thread waits for a task before it ends
   */
  IoThreads(String name, int most, Duration idle) {
    this.name = name;
    this.most = most;
    this.idleNanos = idle.toNanos();
  }

  /**
   * Runs a task soon; never waits.
   *
   * @param task if it throws, the thread's handler is called
   */
  @Override
  public void execute(Runnable task) {
    if (tasks.tryTransfer(task)) {
      return;
    }
    if (takesPlace()) {
      start(task);
    } else {
      tasks.add(task);
      if (takesPlace()) {
        // The last thread gave its place up meanwhile, and may have looked just before.
        start(tasks.poll());
      }
    }
  }

  /** Ends all threads once the tasks so far are done; no task may come after. */
  public void stop() {
    stopping = true;
    tasks.add(STOP);
    stopped.tryEmitEmpty();
    tellWhenEnded();
  }

  /**
   * Completes when the last thread is about to end after {@link #stop}. One of these threads would
   * wait for itself; for it this completes at the stop.
   */
  public Mono<Void> ended() {
    return Mono.defer(() -> (own.contains(Thread.currentThread()) ? stopped : ended).asMono());
  }

  /**
   * @param first null: whatever there is
   */
  private void start(@Nullable Runnable first) {
    DetachedThreads.start(name + "-" + started.incrementAndGet(), new Worker(first));
  }

  private boolean takesPlace() {
    return running.getAndUpdate(n -> Math.min(n + 1, most)) < most;
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

  /** What one thread does, from its first task to its end. */
  private final class Worker implements Runnable {
    private @Nullable Runnable task;

    Worker(@Nullable Runnable first) {
      task = first;
    }

    @Override
    public void run() {
      own.add(Thread.currentThread());
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
      own.remove(Thread.currentThread());
      tellWhenEnded();
    }

    private void run(Runnable current) {
      Thread thread = Thread.currentThread();
      try {
        // An interrupt that somebody's callback left must not reach the next task.
        Thread.interrupted();
        current.run();
      } catch (Throwable e) {
        thread.getUncaughtExceptionHandler().uncaughtException(thread, e);
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
        return tasks.poll(idleNanos, TimeUnit.NANOSECONDS);
      } catch (InterruptedException e) {
        // Interrupted from outside: that ends this thread and nothing else.
        return null;
      }
    }
  }
}
