package io.ringkernel.checkpoint.compression.zstd;

import com.github.luben.zstd.EndDirective;
import com.github.luben.zstd.ZstdCompressCtx;
import io.ringkernel.checkpoint.compression.FrameCompressor;
import java.nio.ByteBuffer;

/**
 * Writes one zstd frame of any length, with a content checksum.
 *
 * <p>The end is always told apart from the last bytes, with an empty call: told together with them,
 * zstd would choose other parameters, and the frame's bytes would depend on how its content was cut
 * into pieces.
 */
final class ZstdFrameCompressor implements FrameCompressor {
  private static final ByteBuffer NOTHING = ByteBuffer.allocateDirect(0);

  private final ZstdCompressCtx zstd;
  private final UseGuard guard = new UseGuard("zstd frame compressor");
  private final Staging staging = new Staging();
  private boolean complete;

  /** Takes over {@code zstd} and closes it. */
  ZstdFrameCompressor(ZstdCompressCtx zstd) {
    this.zstd = zstd;
  }

  @Override
  public int maxOutput(int rawLength) {
    if (rawLength < 0) {
      throw new IllegalArgumentException("a length is at least 0, not " + rawLength);
    }
    // zstd gathers up to one block before it compresses it.
    return ZstdCodec.bound((long) rawLength + Staging.PIECE);
  }

  @Override
  public void compress(ByteBuffer source, ByteBuffer target, boolean last) {
    int needed = maxOutput(source.remaining());
    if (target.remaining() < needed) {
      throw new IllegalArgumentException(
          "the target has room for " + target.remaining() + " bytes, but needs " + needed);
    }
    guard.enter();
    try {
      if (complete) {
        throw new IllegalStateException("this zstd frame is complete");
      }
      boolean more = source.hasRemaining();
      while (more) {
        more = compressPiece(source, target);
      }
      if (last) {
        end(target);
      }
    } finally {
      guard.leave();
    }
  }

  /** Returns whether there is more to consume, or may be more to give out. */
  private boolean compressPiece(ByteBuffer source, ByteBuffer target) {
    ByteBuffer from = staging.source(source, Staging.PIECE);
    ByteBuffer to = staging.target(target);
    zstd.compressByteBufferStream(to, from, EndDirective.CONTINUE);
    boolean full = !to.hasRemaining();
    Staging.consumed(source, from);
    Staging.produced(target, to);
    return source.hasRemaining() || full;
  }

  private void end(ByteBuffer target) {
    boolean ended = false;
    while (!ended) {
      ByteBuffer to = staging.target(target);
      ended = zstd.compressByteBufferStream(to, NOTHING.duplicate(), EndDirective.END);
      Staging.produced(target, to);
    }
    complete = true;
  }

  @Override
  public void close() {
    if (guard.close()) {
      zstd.close();
      staging.release();
    }
  }
}
