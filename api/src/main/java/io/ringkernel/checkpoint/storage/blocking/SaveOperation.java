package io.ringkernel.checkpoint.storage.blocking;

import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.internal.FirstFailure;
import io.ringkernel.checkpoint.storage.StoredObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.MonoSink;

/**
 * One attempt to save: takes buffers from the source as they come, and writes them on the storage's
 * threads, one thread at a time.
 *
 * <p>Every buffer that arrives is closed here: once written, or when the save has ended without it.
 * What ends a save is asked before each batch and, last, at the commit point.
 */
final class SaveOperation {
  /** More than this in one go would make a cancellation wait. */
  private static final int MOST_IN_BATCH = 64;

  private final BlockingOperations operations;
  private final String name;
  private final Publisher<OwnedBuffer> content;
  private final BlockingSave save;
  private final Attempt attempt;
  private final MonoSink<StoredObject> sink;
  private final Operation operation;
  private final SerialWork work;
  private final Arrivals arrivals;

  // Touched only by run().
  private final InFlight inFlight = new InFlight();
  private boolean begun;

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
    this.operation = new Operation(name, this::giveUp);
    this.work = new SerialWork(operations.threads(), this::run);
    this.arrivals = new Arrivals(sink.contextView(), work::changed);
  }

  void start() {
    if (!operations.underWay().begin(operation)) {
      sink.error(BlockingOperations.closed(name));
      return;
    }
    sink.onCancel(operation);
    work.changed();
  }

  private void giveUp() {
    attempt.giveUp();
    arrivals.cancel();
    work.changed();
  }

  private void run() {
    try {
      if (!work.hasEnded()) {
        step();
      }
    } catch (Throwable e) {
      end(operations.failure(name, e), null);
    }
    if (work.hasEnded()) {
      arrivals.closeAll();
    }
  }

  private void step() throws IOException {
    if (isUnwanted()) {
      end(null, null);
    } else if (!begun) {
      begun = true;
      save.begin();
      arrivals.subscribeTo(content);
    } else {
      write();
    }
  }

  private boolean isUnwanted() {
    return attempt.isUnwanted();
  }

  private void write() throws IOException {
    // Read before the queue is: what had arrived by then is all there will be.
    boolean last = arrivals.isComplete();
    Throwable failure = arrivals.failure();
    while (failure == null && !isUnwanted() && !arrivals.isEmpty()) {
      writeBatch();
      askForMore();
    }
    if (isUnwanted() || failure != null) {
      end(failure, null);
    } else if (last) {
      Thread.interrupted();
      StoredObject saved = save.commit().orElse(null);
      end(null, saved);
    } else {
      askForMore();
    }
  }

  private void writeBatch() throws IOException {
    List<OwnedBuffer> batch = new ArrayList<>(MOST_IN_BATCH);
    try {
      OwnedBuffer next = arrivals.poll();
      for (; next != null; next = batch.size() < MOST_IN_BATCH ? arrivals.poll() : null) {
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
    if (arrivals.hasBegun()) {
      arrivals.request(inFlight.request());
    }
  }

  /** The only way out: cleans up, then tells. */
  private void end(@Nullable Throwable failure, @Nullable StoredObject saved) {
    work.end();
    if (saved == null) {
      arrivals.cancel();
    }
    Throwable reason = operation.reason(failure);
    attempt.whenUnwanted(null);
    try {
      save.close();
    } catch (Throwable e) {
      // What stays behind is found and removed like that of a dead process.
      if (reason != null) {
        FirstFailure.suppress(e, reason);
      }
    }
    arrivals.closeAll();
    operations.underWay().end(operation);
    if (saved != null) {
      sink.success(saved);
    } else if (reason != null && !operation.isCancelled()) {
      sink.error(reason);
    }
  }
}
