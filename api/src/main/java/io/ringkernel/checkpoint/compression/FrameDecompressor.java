package io.ringkernel.checkpoint.compression;

import java.nio.ByteBuffer;

/**
 * Decompresses one stream of standard frames, piece by piece; one thread at a time.
 *
 * <p>Bounded: whatever the frame header claims, no more than a fixed window (8 MiB at most) is
 * allocated.
 */
public interface FrameDecompressor extends AutoCloseable {
  /**
   * Decompresses until the source is used up or the target is full, whichever is first.
   *
   * @param source heap or direct; its position moves past what was consumed
   * @param target heap or direct, writable; its position moves past what was produced
   * @return whether the stream stands at the end of a frame with nothing held back: the only place
   *     where it may end
   * @throws io.ringkernel.checkpoint.error.CorruptCheckpointException when the frame is malformed
   *     or one of its own checksums differs; the offset counts from the start of the stream
   */
  boolean decompress(ByteBuffer source, ByteBuffer target);

  /** Releases native and scratch memory; idempotent. */
  @Override
  void close();
}
