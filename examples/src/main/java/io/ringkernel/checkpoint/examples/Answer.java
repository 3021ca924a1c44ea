package io.ringkernel.checkpoint.examples;

import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;

/**
 * The one answer to one subscription. At the last moment, and once, it decides between a value and
 * a cancellation: a value is received, or dropped in the way its maker said, never lost.
 *
 * <p>({@code Mono.create} loses a value that meets a cancellation half-way: it is reported as
 * dropped, not discarded. For memory that has to come back that is not enough.)
 *
 * @param <T> what is answered
 */
final class Answer<T> implements Subscription {
  private enum State {
    /** Neither asked for nor there. */
    WAITING,
    /** Asked for, not there. */
    REQUESTED,
    /** There, not asked for. */
    HELD,
    /** Received, failed or cancelled. */
    OVER
  }

  private final Subscriber<? super T> subscriber;
  private final Executor signals;
  private final Consumer<? super T> drop;
  private final Consumer<? super Answer<T>> onOver;
  private final AtomicReference<State> state = new AtomicReference<>(State.WAITING);

  /** Written on the signals' thread, before the state tells of it. */
  private @Nullable T value;

  /**
   * @param subscriber who asked
   * @param signals where the subscriber is called: on one thread
   * @param drop what becomes of a value that nobody receives
   * @param onOver run once when it is over; must not block
   */
  Answer(
      Subscriber<? super T> subscriber,
      Executor signals,
      Consumer<? super T> drop,
      Consumer<? super Answer<T>> onOver) {
    this.subscriber = subscriber;
    this.signals = signals;
    this.drop = drop;
    this.onOver = onOver;
  }

  /** Whether somebody still waits for it. */
  boolean isWanted() {
    return state.get() != State.OVER;
  }

  /** The answer; given once. */
  void give(T answer) {
    signals.execute(
        () -> {
          value = answer;
          // Otherwise it was asked for already, or is not wanted any more.
          if (!state.compareAndSet(State.WAITING, State.HELD)) {
            deliver();
          }
        });
  }

  private void deliver() {
    T answer = Objects.requireNonNull(value);
    if (state.compareAndSet(State.REQUESTED, State.OVER)) {
      onOver.accept(this);
      subscriber.onNext(answer);
      subscriber.onComplete();
    } else {
      drop.accept(answer);
    }
  }

  /** Done, and there is nothing to tell. */
  void done() {
    end(subscriber::onComplete);
  }

  /** There will be no answer. */
  void fail(Throwable error) {
    end(() -> subscriber.onError(error));
  }

  private void end(Runnable signal) {
    signals.execute(
        () -> {
          if (isEndedNow()) {
            signal.run();
          }
        });
  }

  @Override
  public void request(long n) {
    if (n <= 0) {
      fail(new IllegalArgumentException("demand must be at least 1, not " + n));
    } else if (!state.compareAndSet(State.WAITING, State.REQUESTED)
        && state.compareAndSet(State.HELD, State.REQUESTED)) {
      signals.execute(this::deliver);
    }
  }

  @Override
  public void cancel() {
    isEndedNow();
  }

  /** Whether this call ended it. */
  private boolean isEndedNow() {
    State before = state.getAndSet(State.OVER);
    if (before == State.OVER) {
      return false;
    }
    onOver.accept(this);
    if (before == State.HELD) {
      drop.accept(Objects.requireNonNull(value));
    }
    return true;
  }
}
