package io.ringkernel.checkpoint.kernel.adapter;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;

/**
 * One value for one subscriber. It is received, or taken back because nobody receives it, and never
 * lost between the two. ({@code Mono.create} reports a value that meets a cancellation as dropped:
 * a checkpoint would stay open, a kernel would stay standing.)
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
   * Work that each subscription begins anew and that runs to its end: a subscriber that cancels
   * only wishes it to end soon.
   *
   * @param work called with the wish; has one value or none
   * @param takeBack called with a value that nobody receives
   */
  public static <T> Mono<T> of(Function<Cancellation, Mono<T>> work, Consumer<? super T> takeBack) {
    return Mono.fromDirect(
        subscriber -> begin(Operators.toCoreSubscriber(subscriber), work, takeBack));
  }

  private static <T> void begin(
      CoreSubscriber<? super T> subscriber,
      Function<Cancellation, Mono<T>> work,
      Consumer<? super T> takeBack) {
    Cancellation cancellation = new Cancellation();
    Delivery<T> delivery = new Delivery<>(subscriber, cancellation::cancel, takeBack);
    subscriber.onSubscribe(delivery);
    work.apply(cancellation)
        .contextWrite(subscriber.currentContext())
        .subscribe(delivery::give, delivery::fail, delivery::none);
  }

  private Delivery(
      CoreSubscriber<? super T> subscriber, Runnable onCancel, Consumer<? super T> takeBack) {
    this.subscriber = subscriber;
    this.onCancel = onCancel;
    this.takeBack = takeBack;
  }

  private void give(T taken) {
    value = taken;
    if (state.compareAndSet(State.WAITING, State.HELD)) {
      return;
    }
    // It was asked for already, or is not wanted any more.
    if (state.compareAndSet(State.REQUESTED, State.OVER)) {
      receive(taken);
    } else {
      takeBack.accept(taken);
    }
  }

  private void receive(T taken) {
    subscriber.onNext(taken);
    subscriber.onComplete();
  }

  /** There is no more; what was given and is not asked for yet stays. */
  private void none() {
    if (state.compareAndSet(State.WAITING, State.OVER)
        || state.compareAndSet(State.REQUESTED, State.OVER)) {
      subscriber.onComplete();
    }
  }

  /** There will be none; who cancelled is told nothing. */
  private void fail(Throwable error) {
    if (state.getAndSet(State.OVER) != State.OVER) {
      subscriber.onError(error);
    }
  }

  @Override
  public void request(long n) {
    if (n <= 0) {
      if (end()) {
        subscriber.onError(new IllegalArgumentException("demand must be at least 1, not " + n));
      }
    } else if (!state.compareAndSet(State.WAITING, State.REQUESTED)
        && state.compareAndSet(State.HELD, State.OVER)) {
      // In one step: a completion that comes meanwhile must not find it asked for and not there.
      receive(Objects.requireNonNull(value));
    }
  }

  @Override
  public void cancel() {
    end();
  }

  /** Nobody receives anything any more; false when it was over already. */
  private boolean end() {
    State before = state.getAndSet(State.OVER);
    if (before == State.HELD) {
      takeBack.accept(Objects.requireNonNull(value));
    } else if (before != State.OVER) {
      onCancel.run();
    }
    return before != State.OVER;
  }
}
