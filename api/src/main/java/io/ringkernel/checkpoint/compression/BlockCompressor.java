package io.ringkernel.checkpoint.compression;

import java.nio.ByteBuffer;

/**
 * Compresses blocks, one call each, with state that is reused between calls; one thread at a time.
 */
public interface BlockCompressor extends AutoCloseable {
  /** What {@link #compress} returns when the result does not fit: store the block raw. */
  int DOES_NOT_FIT = -1;

  /**
   * Compresses all remaining bytes of {@code source} into {@code target}.
   *
   * <p>A target smaller than {@link CompressionCodec#maxCompressedLength} is legal, and is how a
   * caller says "only if it helps".
   *
   * @param source heap or direct; its position and limit are left as they are
   * @param target heap or direct, writable; on success its position has moved past the result, else
   *     it is as it was (the bytes behind it may have changed)
   * @return the number of bytes written, or {@link #DOES_NOT_FIT}
   */
  int compress(ByteBuffer source, ByteBuffer target);

  /** Releases native and scratch memory; idempotent. */
  @Override
  void close();
}
