package io.ringkernel.checkpoint.compression.lz4;

import io.ringkernel.checkpoint.compression.BlockCompressor;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import net.jpountz.lz4.LZ4Compressor;
import net.jpountz.lz4.LZ4Exception;

/**
 * Makes raw LZ4 blocks.
 *
 * <p>The native state inside refuses use after close and use by two threads at once, both with
 * {@code IllegalStateException}.
 */
final class Lz4BlockCompressor implements BlockCompressor {
  private final LZ4Compressor lz4;
  private final Runnable freeState;
  private final ReachableSource reachable = new ReachableSource();

  /**
   * @param lz4 a compressor with state of its own
   * @param freeState frees that state; idempotent
   */
  Lz4BlockCompressor(LZ4Compressor lz4, Runnable freeState) {
    this.lz4 = lz4;
    this.freeState = freeState;
  }

  @Override
  public int compress(ByteBuffer source, ByteBuffer target) {
    if (target.isReadOnly()) {
      throw new ReadOnlyBufferException();
    }
    // Refuses lengths that no LZ4 block can have, which would otherwise look like "does not fit".
    lz4.maxCompressedLength(source.remaining());
    ByteBuffer from = reachable.of(source);
    try {
      int length =
          lz4.compress(
              from,
              from.position(),
              from.remaining(),
              target,
              target.position(),
              target.remaining());
      target.position(target.position() + length);
      return length;
    } catch (LZ4Exception e) {
      return DOES_NOT_FIT;
    }
  }

  @Override
  public void close() {
    freeState.run();
    reachable.release();
  }
}
