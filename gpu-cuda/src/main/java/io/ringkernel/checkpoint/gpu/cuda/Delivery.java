package io.ringkernel.checkpoint.gpu.cuda;

import io.ringkernel.checkpoint.Checkpoint;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;

/**
 * One checkpoint for one subscriber: received, or closed because nobody does, never lost between
 * the two. ({@code Mono.create} reports one that meets a cancellation as dropped: it would stay
 * open.)
 */
final class Delivery implements Subscription {
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

  private final CoreSubscriber<? super Checkpoint> subscriber;
  private final Runnable onCancel;
  private final AtomicReference<State> state = new AtomicReference<>(State.WAITING);

  /** Written before the state tells of it. */
  private @Nullable Checkpoint checkpoint;

  /**
   * @param subscriber who asked
   * @param onCancel run when nobody waits any more
   */
  Delivery(CoreSubscriber<? super Checkpoint> subscriber, Runnable onCancel) {
    this.subscriber = subscriber;
    this.onCancel = onCancel;
  }

  /** The checkpoint; given once. */
  void give(Checkpoint taken) {
    checkpoint = taken;
    // Otherwise it was asked for already, or is not wanted any more.
    if (!state.compareAndSet(State.WAITING, State.HELD)) {
      deliver(taken);
    }
  }

  private void deliver(Checkpoint taken) {
    if (state.compareAndSet(State.REQUESTED, State.OVER)) {
      subscriber.onNext(taken);
      subscriber.onComplete();
    } else {
      taken.close();
    }
  }

  /** There will be none; who cancelled is told nothing. */
  void fail(Throwable error) {
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
      deliver(Objects.requireNonNull(checkpoint));
    }
  }

  @Override
  public void cancel() {
    State before = state.getAndSet(State.OVER);
    if (before == State.HELD) {
      Objects.requireNonNull(checkpoint).close();
    } else if (before != State.OVER) {
      onCancel.run();
    }
  }
}
