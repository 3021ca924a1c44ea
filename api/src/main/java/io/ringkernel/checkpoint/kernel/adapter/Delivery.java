package io.ringkernel.checkpoint.kernel.adapter;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;

/**
 * One value for one subscriber: received, or taken back because nobody does, never lost between the
 * two. ({@code Mono.create} reports one that meets a cancellation as dropped: a checkpoint would
 * stay open, a kernel standing.)
 *
 * @param <T> what is delivered
 */
public final class Delivery<T> implements Subscription {
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

  private final CoreSubscriber<? super T> subscriber;
  private final Runnable onCancel;
  private final Consumer<? super T> takeBack;
  private final AtomicReference<State> state = new AtomicReference<>(State.WAITING);

  /** Written before the state tells of it. */
  private @Nullable T value;

  /**
   * What a subscriber gets as its subscription.
   *
   * @param subscriber who asked
   * @param onCancel run when nobody waits any more
   * @param takeBack what becomes of a value that nobody receives
   */
  public Delivery(
      CoreSubscriber<? super T> subscriber, Runnable onCancel, Consumer<? super T> takeBack) {
    this.subscriber = subscriber;
    this.onCancel = onCancel;
    this.takeBack = takeBack;
  }

  /**
   * Gives the value; once.
   *
   * @param taken it
   */
  public void give(T taken) {
    value = taken;
    // Otherwise it was asked for already, or is not wanted any more.
    if (!state.compareAndSet(State.WAITING, State.HELD)) {
      deliver(taken);
    }
  }

  private void deliver(T taken) {
    if (state.compareAndSet(State.REQUESTED, State.OVER)) {
      subscriber.onNext(taken);
      subscriber.onComplete();
    } else {
      takeBack.accept(taken);
    }
  }

  /** There is none, and nothing is wrong. */
  public void none() {
    if (state.getAndSet(State.OVER) != State.OVER) {
      subscriber.onComplete();
    }
  }

  /**
   * There will be none; who cancelled is told nothing.
   *
   * @param error why
   */
  public void fail(Throwable error) {
    if (state.getAndSet(State.OVER) != State.OVER) {
      subscriber.onError(error);
    }
  }

  @Override
  public void request(long n) {
    if (n <= 0) {
      onCancel.run();
      fail(new IllegalArgumentException("demand must be at least 1, not " + n));
    } else if (!state.compareAndSet(State.WAITING, State.REQUESTED)
        && state.compareAndSet(State.HELD, State.REQUESTED)) {
      deliver(Objects.requireNonNull(value));
    }
  }

  @Override
  public void cancel() {
    State before = state.getAndSet(State.OVER);
    if (before == State.HELD) {
      takeBack.accept(Objects.requireNonNull(value));
    } else if (before != State.OVER) {
      onCancel.run();
    }
  }
}
