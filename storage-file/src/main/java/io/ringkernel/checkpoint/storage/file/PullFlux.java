package io.ringkernel.checkpoint.storage.file;

import io.ringkernel.checkpoint.error.StorageException;
import java.io.Closeable;
import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
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
  /**
   * Gives items; used by one thread at a time.
   *
   * @param <T> what is given
   */
  interface Source<T> extends Closeable {
    /** The next item, or null after the last. */
    @Nullable T next() throws IOException;

    /** Whether it is known, without work, that nothing follows. */
    default boolean isExhausted() {
      return false;
    }

    @Override
    default void close() throws IOException {}
  }

  private final Operations operations;
  private final String name;
  private final Callable<Source<T>> opener;
  private final Consumer<T> discard;

  /**
   * @param name what is asked for, for messages
   * @param opener called for each subscription
   * @param discard takes an item that nobody wants any more
   */
  PullFlux(Operations operations, String name, Callable<Source<T>> opener, Consumer<T> discard) {
    this.operations = operations;
    this.name = name;
    this.opener = opener;
    this.discard = discard;
  }

  @Override
  public void subscribe(CoreSubscriber<? super T> actual) {
    Pull pull = new Pull(actual);
    if (!operations.begin(pull)) {
      Operators.error(actual, Operations.closed(name));
      return;
    }
    actual.onSubscribe(pull);
    pull.schedule();
  }

  private final class Pull implements Subscription, Operations.Operation, Runnable {
    private final CoreSubscriber<? super T> actual;
    private final AtomicLong demand = new AtomicLong();
    private final AtomicInteger work = new AtomicInteger();
    private volatile boolean cancelled;
    private volatile @Nullable StorageException stopped;

    // Touched only by run().
    private @Nullable Source<T> source;

    Pull(CoreSubscriber<? super T> actual) {
      this.actual = actual;
    }

    @Override
    public void request(long n) {
      if (Operators.validate(n)) {
        demand.accumulateAndGet(n, Operators::addCap);
        schedule();
      }
    }

    @Override
    public void cancel() {
      cancelled = true;
      schedule();
    }

    @Override
    public void stop(StorageException closed) {
      stopped = closed;
      schedule();
    }

    private void schedule() {
      // After the end the count never returns to 0: the threads may be gone by then.
      if (work.getAndIncrement() == 0) {
        operations.execute(this);
      }
    }

    @Override
    public void run() {
      int seen = work.get();
      do {
        if (hasEnded()) {
          return;
        }
        seen = work.addAndGet(-seen);
      } while (seen != 0);
    }

    private boolean hasEnded() {
      try {
        if (!emit()) {
          return false;
        }
        end(null);
      } catch (Throwable e) {
        end(Failures.of(name, e));
      }
      return true;
    }

    /** Whether the last item was given, or nobody wants more. */
    private boolean emit() throws Exception {
      if (isUnwanted()) {
        return true;
      }
      Source<T> from = source == null ? opener.call() : source;
      source = from;
      long given = 0;
      while (!from.isExhausted() && !isUnwanted()) {
        if (given == demand.get()) {
          take(given);
          return false;
        }
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

    private void take(long given) {
      demand.updateAndGet(left -> left == Long.MAX_VALUE ? left : left - given);
    }

    private boolean isUnwanted() {
      return cancelled || stopped != null;
    }

    private void end(@Nullable Throwable failure) {
      closeSource();
      operations.end(this);
      Throwable reason = failure == null ? stopped : failure;
      if (cancelled) {
        return;
      }
      if (reason == null) {
        actual.onComplete();
      } else {
        actual.onError(reason);
      }
    }

    private void closeSource() {
      try {
        if (source != null) {
          source.close();
        }
      } catch (IOException e) {
        // Nothing was written: a failure to close has no consequence that anybody could act on.
        source = null;
      }
    }
  }
}
