package io.ringkernel.checkpoint.storage.s3;

import io.ringkernel.checkpoint.BufferPool;
import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.error.LimitExceededException;
import io.ringkernel.checkpoint.error.StorageException;
import io.ringkernel.checkpoint.storage.StoredObject;
import io.ringkernel.checkpoint.storage.blocking.BlockingOperations;
import java.nio.ByteBuffer;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.CRC32C;
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
 * One attempt to save: cuts what the source brings into parts and hands them to a {@link
 * PartUpload}, on the storage's threads, one thread at a time.
 *
 * <p>Every buffer that arrives is copied and closed here at once. Nothing more is asked for while
 * the memory for parts is used up. What ends a save is asked last before the commit, which is then
 * let be: whether it stands is for the store to say.
 */
final class SaveOperation implements CoreSubscriber<OwnedBuffer>, Operations.Operation, Runnable {
  private static final int BUFFERS_IN_FLIGHT = 16;

  private final Operations operations;
  private final Publisher<OwnedBuffer> content;
  private final PartPlan plan;
  private final BufferPool pool;
  private final PartUpload upload;
  private final MonoSink<StoredObject> sink;

  private final Queue<OwnedBuffer> arrived = Queues.<OwnedBuffer>unbounded(64).get();
  private final AtomicInteger work = new AtomicInteger();
  private volatile @Nullable Subscription source;
  private volatile boolean complete;
  private volatile @Nullable Throwable sourceFailure;
  private volatile boolean cancelled;
  private volatile @Nullable StorageException stopped;

  // Touched only by run().
  private final CRC32C crc = new CRC32C();
  private boolean subscribed;
  private boolean ending;
  private boolean ended;
  private long size;
  private int number;
  private @Nullable Part part;

  SaveOperation(
      Operations operations,
      Publisher<OwnedBuffer> content,
      PartPlan plan,
      BufferPool pool,
      PartUpload upload,
      MonoSink<StoredObject> sink) {
    this.operations = operations;
    this.content = content;
    this.plan = plan;
    this.pool = pool;
    this.upload = upload;
    this.sink = sink;
    upload.onChange(this::schedule);
  }

  /** Begins, unless the storage is closed. */
  void start(String name) {
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
      if (isUnwanted()) {
        subscription.cancel();
      }
      subscription.request(BUFFERS_IN_FLIGHT);
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
    cancelSource();
    schedule();
  }

  @Override
  public void stop(StorageException closed) {
    stopped = closed;
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
        fail(e);
      }
      if (ending) {
        closeArrived();
      }
      seen = work.addAndGet(-seen);
    } while (seen != 0);
  }

  private void step() {
    upload.react();
    if (ending) {
      return;
    }
    Throwable failed = upload.failure();
    if (isUnwanted()) {
      fail(stopped);
    } else if (failed != null) {
      fail(failed);
    } else if (!subscribed) {
      subscribed = true;
      // Operators between here and the source then close what they drop.
      Flux.from(content).doOnDiscard(OwnedBuffer.class, OwnedBuffer::close).subscribe(this);
    } else {
      take();
    }
  }

  private boolean isUnwanted() {
    return cancelled || stopped != null;
  }

  private void take() {
    // Read before the queue is: what had arrived by then is all there will be.
    boolean last = complete;
    Throwable broken = sourceFailure;
    if (broken != null) {
      fail(broken);
      return;
    }
    while (!isUnwanted() && hasRoom()) {
      OwnedBuffer next = arrived.peek();
      if (next == null) {
        if (last) {
          commit();
        }
        return;
      }
      append(next.buffer());
      if (!next.buffer().hasRemaining()) {
        arrived.remove();
        next.close();
        askForOne();
      }
    }
  }

  /** Whether there is a part to put bytes into: the one before may have to go first. */
  private boolean hasRoom() {
    if (part == null && (arrived.isEmpty() || plan.allows(number + 1, upload.held()))) {
      return true;
    }
    return part != null;
  }

  private void append(ByteBuffer bytes) {
    Part to = part;
    if (to != null && to.isFull() && bytes.hasRemaining()) {
      // Only now it is known not to be the last.
      upload.send(number, to);
      part = null;
    } else if (to == null && bytes.hasRemaining()) {
      if (++number > PartPlan.MOST_PARTS) {
        throw new LimitExceededException(
            "the size of an object", size + 1, size, "open the store with a larger part-size");
      }
      part = new Part(pool, upload.sizeOf(plan, number));
    } else if (to != null) {
      long before = to.size();
      to.append(bytes, crc);
      size += to.size() - before;
    }
  }

  private void askForOne() {
    Subscription from = source;
    if (from != null) {
      from.request(1);
    }
  }

  private void commit() {
    Part rest = part == null ? new Part(pool, 0) : part;
    part = null;
    ending = true;
    upload.commit(number, rest, Checksums.base64(crc), size, this::end);
  }

  private void fail(@Nullable Throwable failure) {
    if (ending) {
      return;
    }
    ending = true;
    cancelSource();
    if (part != null) {
      part.close();
      part = null;
    }
    closeArrived();
    upload.abandon(failure, this::end);
  }

  /** The only way out: all is cleaned up. */
  private void end(@Nullable Throwable failure, @Nullable StoredObject saved) {
    ended = true;
    if (saved == null) {
      cancelSource();
    }
    closeArrived();
    operations.end(this);
    if (saved != null) {
      sink.success(saved);
    } else if (failure != null) {
      sink.error(failure);
    }
  }

  private void closeArrived() {
    for (OwnedBuffer late = arrived.poll(); late != null; late = arrived.poll()) {
      late.close();
    }
  }
}
