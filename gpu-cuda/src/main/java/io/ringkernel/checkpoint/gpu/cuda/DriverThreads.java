package io.ringkernel.checkpoint.gpu.cuda;

import io.ringkernel.checkpoint.internal.Spans;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
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
  final class Attempt implements Lane.Loan {
    private enum State {
      OPEN,
      /** The driver has memory of the caller's. */
      LENT,
      /** The task ends it. */
      CLAIMED,
      /** The guard has. */
      GIVEN_UP
    }

    private final AtomicReference<State> state = new AtomicReference<>(State.OPEN);

    /** Makes the context current; first. */
    void enter() {
      Driver.makeCurrent(context);
    }

    @Override
    public boolean claim() {
      return passTo(State.CLAIMED);
    }

    @Override
    public boolean lend() {
      return passTo(State.LENT);
    }

    @Override
    public void takeBack() {
      boolean unused = state.compareAndSet(State.LENT, State.OPEN);
    }

    /** Unless the guard has given up. */
    private boolean passTo(State next) {
      return state.updateAndGet(before -> before == State.GIVEN_UP ? before : next) == next;
    }

    /** Whether the driver has memory of the caller's. */
    boolean isLent() {
      return state.get() == State.LENT;
    }

    /** What it was before; {@code CLAIMED} stays. */
    private State giveUp() {
      return state.getAndUpdate(before -> before == State.CLAIMED ? State.CLAIMED : State.GIVEN_UP);
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
   * How long the driver is waited for, where a task waits for nothing else longer than this: for
   * two such waits, and a second.
   */
  static Duration guard(Duration longest) {
    return longest.multipliedBy(2).plusSeconds(1);
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
  private <T> Mono<T> callHere(Function<Attempt, T> task) {
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

  /**
   * Runs a task for a caller who waits: until it is done, the guard gives up, or he is interrupted.
   *
   * @param task enters the attempt before it calls the driver
   * @param unwanted gets, on the task's thread, what the task came to when nobody waits any more
   */
  <T> T await(Function<Attempt, T> task, BiConsumer<Attempt, T> unwanted) {
    Awaited<T> wanted = new Awaited<>();
    Mono<Void> made =
        call(
            attempt -> {
              wanted.made(task.apply(attempt), late -> unwanted.accept(attempt, late));
              return null;
            });
    Disposable unused = made.subscribe(nothing -> {}, wanted::failed);
    return wanted.get();
  }

  /** As {@link #await}, for the first that the threads do: where it fails, they end. */
  <T> T make(Function<Attempt, T> task, BiConsumer<Attempt, T> unwanted) {
    try {
      return await(task, unwanted);
    } catch (RuntimeException | Error e) {
      dispose();
      throw e;
    }
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
    Attempt.State before = attempt.giveUp();
    if (before == Attempt.State.OPEN || before == Attempt.State.LENT) {
      sink.error(
          new StuckDriverException(
              "the driver has not answered for "
                  + Spans.words(guard)
                  + "; it may wait for a kernel that never ends",
              before == Attempt.State.LENT));
    }
  }

  /** The same work, given up without an error when it has not ended after the guard's time. */
  Mono<Void> guarded(Mono<Void> work) {
    return deadlines.within(guard, work, Mono.empty());
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
