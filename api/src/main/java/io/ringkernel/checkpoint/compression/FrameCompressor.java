package io.ringkernel.checkpoint.compression;

import java.nio.ByteBuffer;

/**
 * Compresses one stream of any length into the algorithm's standard frame format, piece by piece;
 * one thread at a time.
 */
public interface FrameCompressor extends AutoCloseable {
  /**
   * A bound on what one {@link #compress} call writes, whatever came before.
   *
   * @param rawLength the remaining bytes of that call's source
   */
  int maxOutput(int rawLength);

  /**
   * Compresses all remaining bytes of {@code source}.
   *
   * @param source heap or direct; consumed to its limit
   * @param target heap or direct, writable, with at least {@link #maxOutput} bytes remaining; its
   *     position moves past what was written, which may be nothing
   * @param last whether this ends the stream; no call may follow
   */
  void compress(ByteBuffer source, ByteBuffer target, boolean last);

  /** Releases native and scratch memory; idempotent. */
  @Override
  void close();
}
