package io.ringkernel.checkpoint.gpu.cuda;

import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import jcuda.driver.CUcontext;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

/**
 * The threads of one kernel that call the driver: a bounded number, as many as can have something
 * to do at once. A task runs to its end, whoever loses interest in it: what it has begun on the
 * device can't be taken back.
 */
final class DriverThreads {
  /**
   * Who ends an attempt: the task that writes to the caller's memory, or the guard that gives up.
   */
  final class Attempt {
    private static final int OPEN = 0;
    private static final int CLAIMED = 1;
    private static final int GIVEN_UP = 2;

    private final AtomicInteger state = new AtomicInteger();

    /** Makes the context current; first. */
    void enter() {
      Driver.makeCurrent(context);
    }

    /** Before the caller's memory is touched: false when the caller was told not to wait. */
    boolean claim() {
      return state.compareAndSet(OPEN, CLAIMED) || state.get() == CLAIMED;
    }

    boolean giveUp() {
      return state.compareAndSet(OPEN, GIVEN_UP);
    }
  }

  private final CUcontext context;
  private final Duration guard;
  private final Deadlines deadlines;
  private final WaitingThreads threads;

  /**
   * @param name of the threads
   * @param threads how many
   * @param context made current for every task
   * @param guard after this, the caller is told that the driver does not answer
   * @param deadlines of the kernel; ended with the threads
   */
  DriverThreads(String name, int threads, CUcontext context, Duration guard, Deadlines deadlines) {
    this.context = context;
    this.guard = guard;
    this.deadlines = deadlines;
    this.threads = new WaitingThreads(name, threads);
  }

  /**
   * Runs a task on one of the threads.
   *
   * @param task run in any case; enters the attempt before it calls the driver, and claims it
   *     before it touches memory of the caller's
   */
  <T> Mono<T> call(Function<Attempt, T> task) {
    return Mono.create(sink -> start(sink, task, threads::later));
  }

  /**
   * The same without a change of threads, for a subscriber that is on one of them. Not for a task
   * that begins the next of its kind: it would never return.
   */
  <T> Mono<T> callHere(Function<Attempt, T> task) {
    return Mono.create(sink -> start(sink, task, threads::here));
  }

  /**
   * As {@link #callHere}: a task that touches nothing of the caller's, with the context current.
   */
  Mono<Void> runHere(Runnable task) {
    return callHere(
        attempt -> {
          attempt.enter();
          task.run();
          return null;
        });
  }

  /**
   * Goes on, on one of the threads: for hooks of the caller's, which must not run on a stranger's.
   */
  Mono<Void> hop() {
    return call(attempt -> null);
  }

  private <T> void start(MonoSink<T> sink, Function<Attempt, T> task, Consumer<Runnable> starter) {
    Attempt attempt = new Attempt();
    Disposable deadline = deadlines.after(guard, () -> giveUp(sink, attempt));
    try {
      starter.accept(
          () -> {
            run(sink, attempt, task);
            deadline.dispose();
          });
    } catch (RejectedExecutionException e) {
      deadline.dispose();
      sink.error(e);
    }
  }

  private static <T> void run(MonoSink<T> sink, Attempt attempt, Function<Attempt, T> task) {
    try {
      T result = task.apply(attempt);
      if (attempt.claim()) {
        sink.success(result);
      }
    } catch (RuntimeException | Error e) {
      if (attempt.claim()) {
        sink.error(e);
      }
    }
  }

  private <T> void giveUp(MonoSink<T> sink, Attempt attempt) {
    if (attempt.giveUp()) {
      sink.error(
          new StuckDriverException(
              "the driver has not answered for "
                  + guard.toMillis()
                  + " ms; it may wait for a"
                  + " kernel that never ends"));
    }
  }

  /** Limits of whatever else the kernel is waited for. */
  Deadlines deadlines() {
    return deadlines;
  }

  /** Ends the threads, once what they do is done. */
  void dispose() {
    deadlines.dispose();
    threads.dispose();
  }
}
