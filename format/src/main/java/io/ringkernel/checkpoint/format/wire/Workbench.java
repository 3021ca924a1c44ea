package io.ringkernel.checkpoint.format.wire;

import io.ringkernel.checkpoint.BufferPool;
import io.ringkernel.checkpoint.DetachedThreads;
import io.ringkernel.checkpoint.compression.CompressionCodec;
import io.ringkernel.checkpoint.compression.CompressionCodecs;
import java.util.concurrent.Callable;
import java.util.function.Function;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * What encoders and readers work with; owned by the codec, which disposes it.
 *
 * @param workers where bytes are hashed and compressed; non-blocking
 * @param parallelism how many threads it has
 * @param buffers pooled memory of {@link #BATCH_BYTES} and a little more each
 * @param codecs the codecs that are installed
 */
public record Workbench(
    Scheduler workers, int parallelism, BufferPool buffers, CompressionCodecs codecs) {
  /**
   * Raw bytes that one task works on: large enough to hide a task's cost, small enough for a cache.
   */
  public static final int BATCH_BYTES = 1 << 20;

  /** Room in a buffer beside a batch's raw bytes: 256 local headers of blocks of 4 KiB. */
  public static final int BATCH_OVERHEAD = 4096;

  /** A thread for each call, which ends with it: there is nothing to dispose. */
  private static final Scheduler LOADER = Schedulers.fromExecutor(Workbench::startLoader);

  /**
   * Finds a codec, whose {@link Error}s are failures of that codec. Its first use may unpack and
   * load a native library, which blocks.
   *
   * @param find the look-up
   * @return the codec, on a worker, or why there is none
   */
  public Mono<CompressionCodec> codec(Function<CompressionCodecs, CompressionCodec> find) {
    return blocking(() -> codecNow(find));
  }

  /**
   * Finds a codec as {@link #codec} does, and may block meanwhile.
   *
   * @param find the look-up
   */
  public CompressionCodec codecNow(Function<CompressionCodecs, CompressionCodec> find) {
    return new GuardedCodec(find.apply(codecs));
  }

  /**
   * Does what may block for a moment, once for each file: that is not for the workers, nor for
   * whoever subscribes.
   *
   * @param work gives a result
   * @return the result, on a worker
   */
  public <T> Mono<T> blocking(Callable<T> work) {
    return Mono.fromCallable(work).subscribeOn(LOADER).publishOn(workers);
  }

  /**
   * Lets go of the memory, and ends the workers: at once, or, for a caller who must not block,
   * soon. Ending a thread takes a lock that the thread itself may hold.
   */
  public void dispose() {
    buffers.close();
    if (Schedulers.isInNonBlockingThread()) {
      startLoader(workers::dispose);
    } else {
      workers.dispose();
    }
  }

  private static void startLoader(Runnable task) {
    DetachedThreads.start("rkcp-codec-loader", task);
  }
}
