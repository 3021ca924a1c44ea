package io.ringkernel.checkpoint.format.v2;

import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.format.EncodedFile;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Operators;

/**
 * One subscription's attempt to write a file: batches are encoded by several workers at once, and
 * leave in order and on demand.
 *
 * <p>A window of batches bounds the memory: those being encoded, and those that wait for their
 * turn. Everything but the encoding happens in {@link #drain}, which one thread at a time runs for
 * all who call it; so whatever is held has one owner, and whoever ends the attempt finds all of it.
 * Reactor's own {@code flatMapSequential} drops what it holds when it is cancelled, and pooled
 * memory must not be dropped.
 */
final class EncodeAttempt implements Subscription {
  private final CoreSubscriber<? super OwnedBuffer> actual;
  private final EncodeSettings settings;
  private final FileAssembly file;
  private final Consumer<EncodedFile> written;
  private final BatchPlan plan;
  private final CompressorPool compressors;
  private final int windowSize;

  private final AtomicInteger drains = new AtomicInteger();
  private final AtomicLong requested = new AtomicLong();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private volatile boolean cancelled;

  /** Batches in order; the first is the next to leave. */
  private final Queue<BatchTask> window = new ArrayDeque<>();

  /** Bytes whose turn it is. */
  private final Queue<OwnedBuffer> ready = new ArrayDeque<>();

  private boolean begun;
  private boolean assembled;
  private boolean over;

  EncodeAttempt(
      CoreSubscriber<? super OwnedBuffer> actual,
      EncodeSettings settings,
      List<DataChunk> chunks,
      FileAssembly file,
      Consumer<EncodedFile> written) {
    this.actual = actual;
    this.settings = settings;
    this.file = file;
    this.written = written;
    this.plan = new BatchPlan(chunks, settings, actual.currentContext(), this::drain, this::fail);
    this.compressors = new CompressorPool(settings.codec(), settings.level());
    this.windowSize = settings.window();
  }

  @Override
  public void request(long n) {
    if (Operators.validate(n)) {
      requested.accumulateAndGet(n, Operators::addCap);
      drain();
    }
  }

  @Override
  public void cancel() {
    cancelled = true;
    drain();
  }

  /** Ends the attempt with an error, unless it ended before. */
  private void fail(Throwable error) {
    failure.compareAndSet(null, error);
    drain();
  }

  private void drain() {
    if (drains.getAndIncrement() != 0) {
      return;
    }
    int seen = 1;
    do {
      if (!over) {
        advance();
      }
      seen = drains.addAndGet(-seen);
    } while (seen != 0);
  }

  /** Gives what is ready as far as it is wanted, and sees to it that more becomes ready. */
  private void advance() {
    long given = 0;
    while (!over && prepare()) {
      if (given == requested.get()) {
        break;
      }
      given++;
      actual.onNext(ready.remove());
    }
    long produced = given;
    requested.updateAndGet(demand -> demand == Long.MAX_VALUE ? demand : demand - produced);
  }

  /** Whether there are bytes to give; ends the attempt when it is at its end. */
  private boolean prepare() {
    if (cancelled) {
      release();
      return false;
    }
    boolean complete = false;
    try {
      if (ready.isEmpty() && failure.get() == null) {
        assemble();
        complete = assembled && ready.isEmpty();
        if (complete) {
          written.accept(file.written());
        }
      }
    } catch (Throwable t) {
      failure.compareAndSet(null, t);
    }
    Throwable error = failure.get();
    if (error != null) {
      release();
      actual.onError(error);
    } else if (complete) {
      release();
      actual.onComplete();
    }
    return !ready.isEmpty();
  }

  /** Gets the next bytes ready, when they are there, and the workers busy. */
  private void assemble() {
    if (!begun) {
      begun = true;
      ready.addAll(file.start());
    }
    launch();
    while (ready.isEmpty() && !window.isEmpty()) {
      EncodedBatch batch = window.element().poll();
      if (batch == null) {
        return;
      }
      window.remove();
      ready.addAll(batch.pieces());
      ready.addAll(file.add(batch));
      launch();
    }
    if (ready.isEmpty() && !assembled && plan.isExhausted()) {
      assembled = true;
      ready.addAll(file.end());
    }
  }

  private void launch() {
    if (settings.workbench().workers().isDisposed()) {
      throw new IllegalStateException("the codec was closed before the checkpoint was written");
    }
    while (window.size() < windowSize) {
      List<BlockRange> batch = plan.next();
      if (batch == null) {
        return;
      }
      BatchTask task =
          new BatchTask(
              batch, settings, compressors, actual.currentContext(), this::drain, this::fail);
      window.add(task);
      task.start();
    }
  }

  /** Lets go of all that is held; what the workers still hold follows when they are done. */
  private void release() {
    over = true;
    plan.stop();
    window.forEach(BatchTask::abandon);
    window.clear();
    ready.forEach(OwnedBuffer::close);
    ready.clear();
    compressors.close();
  }
}
