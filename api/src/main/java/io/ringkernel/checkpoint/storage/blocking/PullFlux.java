package io.ringkernel.checkpoint.storage.blocking;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Operators;

/**
 * Items that a blocking source gives one by one, fetched on the storage's threads as demanded.
 *
 * <p>Reactor's {@code generate} with {@code subscribeOn} would interrupt a read when it is
 * cancelled, and close the source on the canceller's thread; here the source is only ever touched
 * by one of our threads.
 *
 * @param <T> what is given
 */
final class PullFlux<T> extends Flux<T> {
  private final BlockingOperations operations;
  private final String name;
  private final BlockingWork<? extends BlockingSource<T>> opener;
  private final Consumer<T> discard;

  /**
   * @param name what is asked for, for messages
   * @param opener called for each subscription
   * @param discard takes an item that nobody wants any more
   */
  PullFlux(
      BlockingOperations operations,
      String name,
      BlockingWork<? extends BlockingSource<T>> opener,
      Consumer<T> discard) {
    this.operations = operations;
    this.name = name;
    this.opener = opener;
    this.discard = discard;
  }

  @Override
  public void subscribe(CoreSubscriber<? super T> actual) {
    Pull pull = new Pull(actual);
    if (!operations.underWay().begin(pull.operation)) {
      Operators.error(actual, BlockingOperations.closed(name));
      return;
    }
    actual.onSubscribe(pull);
    pull.work.changed();
  }

  private final class Pull implements Subscription {
    private final CoreSubscriber<? super T> actual;
    private final AtomicLong demand = new AtomicLong();
    private final SerialWork work = new SerialWork(operations.threads(), this::run);
    private final Attempt attempt = operations.newAttempt();
    private final Operation operation = new Operation(name, this::giveUp);

    // Touched only by run().
    private @Nullable BlockingSource<T> source;

    Pull(CoreSubscriber<? super T> actual) {
      this.actual = actual;
    }

    @Override
    public void request(long n) {
      if (Operators.validate(n)) {
        demand.accumulateAndGet(n, Operators::addCap);
        work.changed();
      }
    }

    @Override
    public void cancel() {
      operation.dispose();
    }

    private void giveUp() {
      attempt.giveUp();
      work.changed();
    }

    private void run() {
      if (work.hasEnded()) {
        return;
      }
      try {
        if (emit()) {
          end(null);
        }
      } catch (Throwable e) {
        end(operations.failure(name, e));
      }
    }

    /** Whether the last item was given, or nobody wants more. */
    private boolean emit() throws Exception {
      if (isUnwanted()) {
        return true;
      }
      BlockingSource<T> from = source == null ? opener.run(attempt) : source;
      source = from;
      long given = 0;
      while (!from.isExhausted() && !isUnwanted()) {
        if (given == demand.get()) {
          demand.addAndGet(-given);
          return false;
        }
        // A callback may have left one; many sources close themselves when they see it.
        Thread.interrupted();
        T item = from.next();
        if (item == null) {
          return true;
        }
        if (isUnwanted()) {
          discard.accept(item);
        } else {
          actual.onNext(item);
          given++;
        }
      }
      return true;
    }

    private boolean isUnwanted() {
      return attempt.isUnwanted();
    }

    private void end(@Nullable Throwable failure) {
      work.end();
      closeSource();
      operations.underWay().end(operation);
      if (operation.isCancelled()) {
        return;
      }
      Throwable reason = operation.reason(failure);
      if (reason == null) {
        actual.onComplete();
      } else {
        actual.onError(reason);
      }
    }

    private void closeSource() {
      attempt.whenUnwanted(null);
      try {
        if (source != null) {
          source.close();
        }
      } catch (Throwable e) {
        // Nothing was written: a failure to close has no consequence that anybody could act on.
        source = null;
      }
    }
  }
}
