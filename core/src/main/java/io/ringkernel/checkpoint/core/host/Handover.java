package io.ringkernel.checkpoint.core.host;

import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/**
 * Hands the one value of some work over to its subscriber, or takes it back: which of the two is
 * decided once, at the last moment, so that a value is never lost between a cancellation and its
 * delivery. ({@code Mono.create} drops such a value without discarding it.)
 */
final class Handover<T> extends BaseSubscriber<T> {
  private enum State {
    /** Neither asked for nor there. */
    WAITING,
    /** Asked for, not there. */
    REQUESTED,
    /** There, not asked for. */
    HELD,
    /** Delivered, taken back, failed or cancelled. */
    OVER
  }

  private final CoreSubscriber<? super T> receiver;
  private final Consumer<? super T> takeBack;
  private final AtomicReference<State> state = new AtomicReference<>(State.WAITING);

  /** Written before the state tells of it. */
  private @Nullable T value;

  private Handover(CoreSubscriber<? super T> receiver, Consumer<? super T> takeBack) {
    this.receiver = receiver;
    this.takeBack = takeBack;
  }

  /**
   * The value of some work.
   *
   * @param work gives one value; when it is cancelled it undoes what it did, or gives the value all
   *     the same
   * @param takeBack what becomes of a value that nobody receives
   */
  static <T> Mono<T> of(Mono<T> work, Consumer<? super T> takeBack) {
    return new Mono<T>() {
      @Override
      public void subscribe(CoreSubscriber<? super T> receiver) {
        Handover<T> handover = new Handover<>(receiver, takeBack);
        receiver.onSubscribe(handover.new Demand());
        work.subscribe(handover);
      }
    };
  }

  @Override
  public Context currentContext() {
    return receiver.currentContext();
  }

  @Override
  protected void hookOnNext(T given) {
    value = given;
    if (!state.compareAndSet(State.WAITING, State.HELD)) {
      deliver(given);
    }
  }

  private void deliver(T given) {
    if (state.compareAndSet(State.REQUESTED, State.OVER)) {
      receiver.onNext(given);
      receiver.onComplete();
    } else {
      takeBack.accept(given);
    }
  }

  @Override
  protected void hookOnError(Throwable error) {
    if (state.getAndSet(State.OVER) == State.OVER) {
      Operators.onErrorDropped(error, receiver.currentContext());
    } else {
      receiver.onError(error);
    }
  }

  /** What the receiver holds. */
  private final class Demand implements Subscription {
    @Override
    public void request(long n) {
      if (Operators.validate(n)
          && !state.compareAndSet(State.WAITING, State.REQUESTED)
          && state.compareAndSet(State.HELD, State.REQUESTED)) {
        deliver(held());
      }
    }

    @Override
    public void cancel() {
      State before = state.getAndSet(State.OVER);
      if (before == State.HELD) {
        takeBack.accept(held());
      } else if (before != State.OVER) {
        Handover.this.cancel();
      }
    }
  }

  private T held() {
    T given = value;
    if (given == null) {
      throw new IllegalStateException("nothing is held");
    }
    return given;
  }
}
