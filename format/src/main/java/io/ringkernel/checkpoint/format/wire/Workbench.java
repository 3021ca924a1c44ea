package io.ringkernel.checkpoint.format.wire;

import io.ringkernel.checkpoint.BufferPool;
import io.ringkernel.checkpoint.compression.CompressionCodecs;
import reactor.core.scheduler.Scheduler;

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
}
