package io.ringkernel.checkpoint.compression;

import java.nio.ByteBuffer;

/** Decompresses blocks, one call each; one thread at a time. */
public interface BlockDecompressor extends AutoCloseable {
  /**
   * Decompresses all remaining bytes of {@code source}, which must fill {@code target} exactly.
   *
   * @param source heap or direct; its position and limit are left as they are
   * @param target heap or direct, writable; its position ends at its limit on success. After a
   *     failure the position is as it was and the bytes behind it are undefined
   * @throws io.ringkernel.checkpoint.error.CorruptCheckpointException when the source is malformed,
   *     or holds more or fewer bytes than the target; the offset is relative to the source's
   *     position
   */
  void decompress(ByteBuffer source, ByteBuffer target);

  /** Releases native and scratch memory; idempotent. */
  @Override
  void close();
}
