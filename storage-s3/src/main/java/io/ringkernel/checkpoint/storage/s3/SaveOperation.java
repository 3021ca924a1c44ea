package io.ringkernel.checkpoint.storage.s3;

import io.ringkernel.checkpoint.BufferPool;
import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.error.LimitExceededException;
import io.ringkernel.checkpoint.storage.StoredObject;
import io.ringkernel.checkpoint.storage.blocking.Arrivals;
import io.ringkernel.checkpoint.storage.blocking.BlockingOperations;
import io.ringkernel.checkpoint.storage.blocking.Operation;
import io.ringkernel.checkpoint.storage.blocking.SerialWork;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.MonoSink;

/**
 * One attempt to save: cuts what the source brings into parts and hands them to a {@link
 * PartUpload}, on the storage's threads, one thread at a time.
 *
 * <p>Every buffer that arrives is copied and closed here at once. Nothing more is asked for while
 * the memory for parts is used up. What ends a save is asked last before the commit, which is then
 * let be: whether it stands is for the store to say.
 */
final class SaveOperation {
  private static final int BUFFERS_IN_FLIGHT = 16;

  private final Operations operations;
  private final String name;
  private final Publisher<OwnedBuffer> content;
  private final PartPlan plan;
  private final BufferPool pool;
  private final PartUpload upload;
  private final MonoSink<StoredObject> sink;

  private final Operation operation;
  private final SerialWork work;
  private final Arrivals arrivals;

  // Touched only by run().
  private final CRC32C crc = new CRC32C();
  private boolean subscribed;
  private boolean ending;
  private int wanted = BUFFERS_IN_FLIGHT;
  private long size;
  private int number;
  private @Nullable Part part;

  SaveOperation(
      Operations operations,
      String name,
      Publisher<OwnedBuffer> content,
      PartPlan plan,
      BufferPool pool,
      PartUpload upload,
      MonoSink<StoredObject> sink) {
    this.operations = operations;
    this.name = name;
    this.content = content;
    this.plan = plan;
    this.pool = pool;
    this.upload = upload;
    this.sink = sink;
    this.operation = new Operation(name, this::giveUp);
    this.work = new SerialWork(operations.threads(), this::run);
    this.arrivals = new Arrivals(sink.contextView(), work::changed);
    upload.onChange(work::changed);
  }

  /** Begins, unless the storage is closed. */
  void start() {
    if (!operations.underWay().begin(operation)) {
      sink.error(BlockingOperations.closed(name));
      return;
    }
    sink.onCancel(operation);
    work.changed();
  }

  private void giveUp() {
    arrivals.cancel();
    work.changed();
  }

  private void run() {
    try {
      if (!work.hasEnded()) {
        step();
      }
    } catch (Throwable e) {
      fail(e);
    }
    if (ending) {
      arrivals.closeAll();
    }
  }

  private void step() {
    upload.react();
    if (ending) {
      return;
    }
    Throwable failed = upload.failure();
    if (operation.isUnwanted()) {
      fail(operation.reason(null));
    } else if (failed != null) {
      fail(failed);
    } else if (!subscribed) {
      subscribed = true;
      arrivals.subscribeTo(content);
    } else {
      take();
    }
  }

  private void take() {
    // Read before the queue is: what had arrived by then is all there will be.
    boolean last = arrivals.isComplete();
    Throwable broken = arrivals.failure();
    if (broken != null) {
      fail(broken);
      return;
    }
    askForMore();
    while (!operation.isUnwanted() && hasRoom()) {
      OwnedBuffer next = arrivals.peek();
      if (next == null) {
        if (last) {
          commit();
        }
        return;
      }
      append(next.buffer());
      if (!next.buffer().hasRemaining()) {
        arrivals.poll();
        next.close();
        wanted++;
        askForMore();
      }
    }
  }

  /** Whether there is a part to put bytes into: the one before may have to go first. */
  private boolean hasRoom() {
    if (part == null && (arrivals.isEmpty() || plan.allows(number + 1, upload.held()))) {
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

  private void askForMore() {
    if (arrivals.hasBegun()) {
      arrivals.request(wanted);
      wanted = 0;
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
    arrivals.cancel();
    if (part != null) {
      part.close();
      part = null;
    }
    arrivals.closeAll();
    upload.abandon(failure, this::end);
  }

  /** The only way out: all is cleaned up. */
  private void end(@Nullable Throwable failure, @Nullable StoredObject saved) {
    work.end();
    if (saved == null) {
      arrivals.cancel();
    }
    arrivals.closeAll();
    operations.underWay().end(operation);
    if (saved != null) {
      sink.success(saved);
    } else if (failure != null) {
      sink.error(failure);
    }
  }
}
