package io.ringkernel.checkpoint.format.v2;

import io.ringkernel.checkpoint.compression.BlockCompressor;
import io.ringkernel.checkpoint.compression.CompressionCodec;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The compressors of one attempt: as many as work at once, used again, and closed with it. Safe for
 * several threads.
 */
final class CompressorPool implements AutoCloseable {
  private final ConcurrentLinkedQueue<BlockCompressor> idle = new ConcurrentLinkedQueue<>();
  private final @Nullable Supplier<BlockCompressor> make;
  private volatile boolean closed;

  /**
   * @param codec null: none is ever given
   */
  CompressorPool(@Nullable CompressionCodec codec, int level) {
    this.make = codec == null ? null : () -> codec.blockCompressor(level);
  }

  /** A compressor for the caller alone, who gives it back; null when nothing is compressed. */
  @Nullable BlockCompressor acquire() {
    if (make == null) {
      return null;
    }
    BlockCompressor reused = idle.poll();
    return reused == null ? make.get() : reused;
  }

  void giveBack(@Nullable BlockCompressor compressor) {
    if (compressor != null) {
      idle.add(compressor);
      if (closed) {
        closeIdle();
      }
    }
  }

  /** Closes what is idle now and what is given back later. */
  @Override
  public void close() {
    closed = true;
    closeIdle();
  }

  private void closeIdle() {
    for (BlockCompressor next = idle.poll(); next != null; next = idle.poll()) {
      next.close();
    }
  }
}
