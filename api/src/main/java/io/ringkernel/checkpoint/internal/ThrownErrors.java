package io.ringkernel.checkpoint.internal;

import io.ringkernel.checkpoint.error.KernelException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxOperator;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoOperator;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/**
 * Tells subscribers of errors that are thrown where they should be signalled: Reactor's operators
 * throw those they take for the end of the process, a class that is missing among them, at whoever
 * subscribes or requests, and signal nothing.
 */
public final class ThrownErrors {
  private ThrownErrors() {}

  /**
   * What a kernel does.
   *
   * @param phase what it is asked to do
   */
  public static <T> Mono<T> ofKernel(String kernelId, KernelException.Phase phase, Mono<T> step) {
    return told(step, e -> FatalErrors.ofKernel(kernelId, phase, e));
  }

  /**
   * The same work.
   *
   * @param worded makes of each of its errors, thrown or signalled, the one that is told
   */
  public static <T> Mono<T> told(Mono<T> work, UnaryOperator<Throwable> worded) {
    return new MonoOperator<>(work) {
      @Override
      public void subscribe(CoreSubscriber<? super T> actual) {
        Told<T> told = new Told<>(actual, worded);
        told.guarded(() -> source.subscribe(told));
      }
    };
  }

  /**
   * The same work.
   *
   * @param worded makes of each of its errors, thrown or signalled, the one that is told
   */
  public static <T> Flux<T> told(Flux<T> work, UnaryOperator<Throwable> worded) {
    return new FluxOperator<>(work) {
      @Override
      public void subscribe(CoreSubscriber<? super T> actual) {
        Told<T> told = new Told<>(actual, worded);
        told.guarded(() -> source.subscribe(told));
      }
    };
  }

  /** One subscriber, who is told of one end. */
  private static final class Told<T> implements CoreSubscriber<T>, Subscription {
    private final CoreSubscriber<? super T> actual;
    private final UnaryOperator<Throwable> worded;
    private final AtomicBoolean ended = new AtomicBoolean();
    private volatile @Nullable Subscription upstream;

    Told(CoreSubscriber<? super T> actual, UnaryOperator<Throwable> worded) {
      this.actual = actual;
      this.worded = worded;
    }

    void guarded(Runnable call) {
      try {
        call.run();
      } catch (LinkageError | VirtualMachineError e) {
        if (!ended.compareAndSet(false, true)) {
          throw e;
        }
        Subscription asked = upstream;
        if (asked == null) {
          Operators.error(actual, worded.apply(e));
        } else {
          asked.cancel();
          actual.onError(worded.apply(e));
        }
      }
    }

    @Override
    public Context currentContext() {
      return actual.currentContext();
    }

    @Override
    public void onSubscribe(Subscription subscription) {
      if (Operators.validate(upstream, subscription)) {
        upstream = subscription;
        actual.onSubscribe(this);
      }
    }

    @Override
    public void onNext(T item) {
      if (ended.get()) {
        Operators.onNextDropped(item, currentContext());
      } else {
        guarded(() -> actual.onNext(item));
      }
    }

    @Override
    public void onError(Throwable failure) {
      if (ended.compareAndSet(false, true)) {
        actual.onError(worded.apply(failure));
      } else {
        Operators.onErrorDropped(failure, currentContext());
      }
    }

    @Override
    public void onComplete() {
      if (ended.compareAndSet(false, true)) {
        actual.onComplete();
      }
    }

    @Override
    public void request(long demand) {
      Subscription asked = upstream;
      if (asked != null) {
        guarded(() -> asked.request(demand));
      }
    }

    @Override
    public void cancel() {
      Subscription asked = upstream;
      if (asked != null) {
        asked.cancel();
      }
    }
  }
}
