package io.ringkernel.checkpoint.storage.blocking;

import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.error.StorageException;
import io.ringkernel.checkpoint.storage.StoredObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.MonoSink;
import reactor.core.publisher.Operators;
import reactor.util.concurrent.Queues;
import reactor.util.context.Context;

/**
 * One attempt to save: takes buffers from the source as they come, and writes them on the storage's
 * threads, one thread at a time.
 *
 * <p>Every buffer that arrives is closed here: once written, or when the save has ended without it.
 * What ends a save is asked before each batch and, last, at the commit point.
 */
final class SaveOperation
    implements CoreSubscriber<OwnedBuffer>, BlockingOperations.Operation, Runnable {
  /** More than this in one go would make a cancellation wait. */
  private static final int MOST_IN_BATCH = 64;

  private final BlockingOperations operations;
  private final String name;
  private final Publisher<OwnedBuffer> content;
  private final BlockingSave save;
  private final Attempt attempt;
  private final MonoSink<StoredObject> sink;

  private final Queue<OwnedBuffer> arrived = Queues.<OwnedBuffer>unbounded(64).get();
  private final AtomicInteger work = new AtomicInteger();
  private volatile @Nullable Subscription source;
  private volatile boolean complete;
  private volatile @Nullable Throwable sourceFailure;
  private volatile boolean cancelled;
  private volatile @Nullable StorageException stopped;

  // Touched only by run().
  private final InFlight inFlight = new InFlight();
  private boolean begun;
  private boolean ended;

  SaveOperation(
      BlockingOperations operations,
      String name,
      Publisher<OwnedBuffer> content,
      BlockingSave save,
      Attempt attempt,
      MonoSink<StoredObject> sink) {
    this.operations = operations;
    this.name = name;
    this.content = content;
    this.save = save;
    this.attempt = attempt;
    this.sink = sink;
  }

  void start() {
    if (!operations.begin(this)) {
      sink.error(BlockingOperations.closed(name));
      return;
    }
    sink.onCancel(this::cancel);
    schedule();
  }

  @Override
  public Context currentContext() {
    return Context.of(sink.contextView());
  }

  @Override
  public void onSubscribe(Subscription subscription) {
    if (Operators.validate(source, subscription)) {
      source = subscription;
      schedule();
    }
  }

  @Override
  public void onNext(OwnedBuffer buffer) {
    arrived.add(buffer);
    schedule();
  }

  @Override
  public void onError(Throwable failure) {
    sourceFailure = failure;
    schedule();
  }

  @Override
  public void onComplete() {
    complete = true;
    schedule();
  }

  private void cancel() {
    cancelled = true;
    attempt.giveUp();
    cancelSource();
    schedule();
  }

  @Override
  public void stop(StorageException closed) {
    stopped = closed;
    attempt.giveUp();
    cancelSource();
    schedule();
  }

  private void cancelSource() {
    Subscription subscription = source;
    if (subscription != null) {
      subscription.cancel();
    }
  }

  private void schedule() {
    if (work.getAndIncrement() == 0) {
      if (ended) {
        // The threads may be gone; closing a late buffer needs none.
        run();
      } else {
        operations.execute(this);
      }
    }
  }

  @Override
  public void run() {
    int seen = work.get();
    do {
      try {
        if (!ended) {
          step();
        }
      } catch (Throwable e) {
        end(operations.failure(name, e), null);
      }
      if (ended) {
        closeArrived();
      }
      seen = work.addAndGet(-seen);
    } while (seen != 0);
  }

  private void step() throws IOException {
    if (isUnwanted()) {
      end(stopped, null);
    } else if (!begun) {
      begun = true;
      save.begin();
      // Operators between here and the source then close what they drop.
      Flux.from(content).doOnDiscard(OwnedBuffer.class, OwnedBuffer::close).subscribe(this);
    } else {
      write();
    }
  }

  private boolean isUnwanted() {
    return attempt.isUnwanted();
  }

  private void write() throws IOException {
    // Read before the queue is: what had arrived by then is all there will be.
    boolean last = complete;
    Throwable failure = sourceFailure;
    while (failure == null && !isUnwanted() && !arrived.isEmpty()) {
      writeBatch();
      askForMore();
    }
    if (isUnwanted() || failure != null) {
      end(failure == null ? stopped : failure, null);
    } else if (last) {
      Thread.interrupted();
      StoredObject saved = save.commit().orElse(null);
      end(saved == null ? stopped : null, saved);
    } else {
      askForMore();
    }
  }

  private void writeBatch() throws IOException {
    List<OwnedBuffer> batch = new ArrayList<>(MOST_IN_BATCH);
    try {
      OwnedBuffer next = arrived.poll();
      for (; next != null; next = batch.size() < MOST_IN_BATCH ? arrived.poll() : null) {
        batch.add(next);
        inFlight.written(next.buffer().remaining());
      }
      // A source may have left one on this thread; many clients close themselves when they see it.
      Thread.interrupted();
      save.write(batch);
    } finally {
      batch.forEach(OwnedBuffer::close);
    }
  }

  private void askForMore() {
    Subscription from = source;
    long more = from == null ? 0 : inFlight.request();
    if (from != null && more > 0) {
      from.request(more);
    }
  }

  /** The only way out: cleans up, then tells. */
  private void end(@Nullable Throwable failure, @Nullable StoredObject saved) {
    ended = true;
    if (saved == null) {
      cancelSource();
    }
    // What fails once it is stopped fails because of that.
    StorageException closed = stopped;
    Throwable reason = closed == null ? failure : closed;
    attempt.whenUnwanted(null);
    try {
      save.close();
    } catch (IOException | RuntimeException e) {
      // What stays behind is found and removed like that of a dead process.
      if (reason != null) {
        reason.addSuppressed(e);
      }
    }
    closeArrived();
    operations.end(this);
    if (saved != null) {
      sink.success(saved);
    } else if (reason != null && !cancelled) {
      sink.error(reason);
    }
  }

  private void closeArrived() {
    for (OwnedBuffer late = arrived.poll(); late != null; late = arrived.poll()) {
      late.close();
    }
  }
}
