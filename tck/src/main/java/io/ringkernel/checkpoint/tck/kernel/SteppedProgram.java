package io.ringkernel.checkpoint.tck.kernel;

import io.ringkernel.checkpoint.tck.Patience;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * A program that works in steps on a thread of its own, as a persistent kernel does, and stands
 * still between two steps when it is asked to.
 */
public final class SteppedProgram implements AutoCloseable {
  private final Runnable step;
  private final Runnable onStop;
  private final Thread thread;
  private final KernelHooks hooks = new KernelHooks(this::stop, this::go);
  private final Queue<Sinks.Empty<Void>> stopping = new ConcurrentLinkedQueue<>();
  private final AtomicLong done = new AtomicLong();
  private volatile long goal;
  private volatile boolean standing;
  private volatile boolean busy;
  private volatile boolean closed;

  /**
   * @param name of its thread
   * @param step one step of its work
   * @param onStop run on its thread each time before it reports that it stands still
   */
  public SteppedProgram(String name, Runnable step, Runnable onStop) {
    this.step = step;
    this.onStop = onStop;
    this.thread = new Thread(this::work, name);
    thread.setDaemon(true);
    thread.start();
  }

  /** How it is stopped and let run on. */
  public KernelHooks hooks() {
    return hooks;
  }

  /** Does one more step; fails the test when the step does not complete. */
  public void advance() {
    long wanted = done.get() + 1;
    runTo(wanted);
    Patience.until("the kernel runs on", () -> done.get() >= wanted && !busy);
  }

  /** Steps on and on; disposing returns between two steps. */
  public Disposable run() {
    runTo(Long.MAX_VALUE);
    return () -> {
      runTo(0);
      Patience.until("the kernel is at rest", () -> !busy);
    };
  }

  private void runTo(long newGoal) {
    goal = newGoal;
    LockSupport.unpark(thread);
  }

  private Mono<Void> stop() {
    return Mono.defer(
        () -> {
          Sinks.Empty<Void> stopped = Sinks.empty();
          stopping.add(stopped);
          standing = true;
          LockSupport.unpark(thread);
          return stopped.asMono();
        });
  }

  private Mono<Void> go() {
    return Mono.fromRunnable(
        () -> {
          standing = false;
          LockSupport.unpark(thread);
        });
  }

  private void work() {
    while (!closed) {
      // Announced before the goal is read: who takes the goal back sees this, or is seen.
      busy = true;
      if (!standing && done.get() < goal) {
        step.run();
        done.incrementAndGet();
      }
      busy = false;
      if (standing) {
        tellThatItStands();
      }
      if (standing ? stopping.isEmpty() : done.get() >= goal) {
        LockSupport.park(this);
      }
    }
  }

  private void tellThatItStands() {
    for (Sinks.Empty<Void> next = stopping.poll(); next != null; next = stopping.poll()) {
      // For each: since the one before, the kernel may have been restored.
      onStop.run();
      next.tryEmitEmpty();
    }
  }

  /** Ends it after its step, and returns when it has ended. */
  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
    Patience.until("the program has ended", () -> !thread.isAlive());
  }
}
