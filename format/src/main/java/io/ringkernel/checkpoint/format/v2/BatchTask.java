package io.ringkernel.checkpoint.format.v2;

import io.ringkernel.checkpoint.compression.BlockCompressor;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.util.context.ContextView;

/**
 * One batch on its way through the workers: find or read its bytes, encode them, and keep the
 * result until its turn has come or nobody wants it any more.
 */
final class BatchTask {
  private enum State {
    WORKING,
    DONE,
    ABANDONED
  }

  private final List<BlockRange> ranges;
  private final EncodeSettings settings;
  private final CompressorPool compressors;
  private final ContextView context;
  private final Runnable done;
  private final Consumer<Throwable> failed;
  private final AtomicReference<State> state = new AtomicReference<>(State.WORKING);
  private @Nullable EncodedBatch result;

  /**
   * @param context for the contents
   * @param done told when there is a result
   * @param failed told when there will be none
   */
  BatchTask(
      List<BlockRange> ranges,
      EncodeSettings settings,
      CompressorPool compressors,
      ContextView context,
      Runnable done,
      Consumer<Throwable> failed) {
    this.ranges = ranges;
    this.settings = settings;
    this.compressors = compressors;
    this.context = context;
    this.done = done;
    this.failed = failed;
  }

  /** Hands it to the workers. */
  void start() {
    settings.workbench().workers().schedule(this::begin);
  }

  /** The result, which is the caller's then; null when it is not there yet. */
  @Nullable EncodedBatch poll() {
    return state.get() == State.DONE ? result : null;
  }

  /** The result is not wanted: it is dropped now, or when it comes. */
  void abandon() {
    if (state.getAndSet(State.ABANDONED) == State.DONE) {
      Objects.requireNonNull(result).close();
    }
  }

  private boolean isWanted() {
    return state.get() == State.WORKING;
  }

  private void begin() {
    if (!isWanted()) {
      return;
    }
    BatchInput input = new BatchInput(ranges, settings);
    try {
      input.prepare();
    } catch (Throwable t) {
      fail(input, t);
      return;
    }
    if (input.isComplete()) {
      finish(input);
    } else {
      read(input);
    }
  }

  /**
   * A read that has begun is left to end, also when its bytes are not wanted any more: only then is
   * it known that nothing writes to the memory, and that it may go back to the pool.
   */
  private void read(BatchInput input) {
    Thread worker = Thread.currentThread();
    input
        .read(this::isWanted)
        .contextWrite(context)
        .subscribe(null, error -> fail(input, error), () -> finishOn(worker, input));
  }

  /** On the worker that began, when the content completed on it, else on any. */
  private void finishOn(Thread worker, BatchInput input) {
    if (Thread.currentThread() == worker) {
      finish(input);
      return;
    }
    try {
      settings.workbench().workers().schedule(() -> finish(input));
    } catch (RuntimeException | Error e) {
      fail(input, e);
    }
  }

  private void finish(BatchInput input) {
    if (!isWanted()) {
      input.close();
      return;
    }
    EncodedBatch batch;
    try {
      batch = encode(input);
    } catch (Throwable t) {
      fail(input, t);
      return;
    }
    input.close();
    result = batch;
    if (state.compareAndSet(State.WORKING, State.DONE)) {
      done.run();
    } else {
      batch.close();
    }
  }

  private EncodedBatch encode(BatchInput input) {
    BlockCompressor compressor = compressors.acquire();
    try (BatchEncoder encoder = new BatchEncoder(ranges, input, settings, compressor)) {
      return encoder.encode();
    } finally {
      compressors.giveBack(compressor);
    }
  }

  private void fail(BatchInput input, Throwable error) {
    input.close();
    failed.accept(error);
  }
}
