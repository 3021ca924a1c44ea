package io.ringkernel.checkpoint.compression.zstd;

import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import io.ringkernel.checkpoint.compression.FrameDecompressor;
import io.ringkernel.checkpoint.error.CheckpointException;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import org.jspecify.annotations.Nullable;

/** Reads zstd frames one after the other, piece by piece. */
final class ZstdFrameDecompressor implements FrameDecompressor {
  /** Frames of all levels to 19 fit; {@code --ultra} and {@code --long} need more. */
  static final int WINDOW_LOG = 23;

  // What is staged of a heap source when the target has less room than this.
  private static final int SMALLEST_PIECE = 4096;

  private final ZstdDecompressCtx zstd;
  private final UseGuard guard = new UseGuard("zstd frame decompressor");
  private final Staging staging = new Staging();
  private final WindowLimit windowLimit = new WindowLimit(1L << WINDOW_LOG);

  /** Where in the stream native code stands. */
  private long consumed;

  private boolean atEnd;

  /** Whether the last call filled its target, so that there may be more without more source. */
  private boolean mayHoldBack;

  private @Nullable CheckpointException failure;

  /** Takes over {@code zstd}, whose window is limited, and closes it. */
  ZstdFrameDecompressor(ZstdDecompressCtx zstd) {
    this.zstd = zstd;
  }

  @Override
  public boolean decompress(ByteBuffer source, ByteBuffer target) {
    if (target.isReadOnly()) {
      throw new ReadOnlyBufferException();
    }
    guard.enter();
    try {
      if (failure != null) {
        throw failure;
      }
      boolean progress = true;
      while (progress && (source.hasRemaining() || (mayHoldBack && target.hasRemaining()))) {
        progress = decompressPiece(source, target);
      }
      return atEnd;
    } catch (CheckpointException e) {
      failure = e;
      throw e;
    } finally {
      guard.leave();
    }
  }

  /** Returns whether it consumed or produced anything. */
  private boolean decompressPiece(ByteBuffer source, ByteBuffer target) {
    windowLimit.check(source);
    int sourceStart = source.position();
    int targetStart = target.position();
    ByteBuffer from = staging.source(source, Math.max(SMALLEST_PIECE, target.remaining()));
    ByteBuffer to = staging.target(target);
    boolean ended;
    try {
      ended = zstd.decompressByteBufferStream(to, from);
    } catch (ZstdException e) {
      if (ZstdErrors.isStandstill(e)) {
        return false;
      }
      throw ZstdErrors.corrupt(consumed, from.remaining(), e);
    }
    atEnd = ended;
    mayHoldBack = !ended && !to.hasRemaining();
    if (ended) {
      windowLimit.nextFrame();
    }
    Staging.consumed(source, from);
    Staging.produced(target, to);
    consumed += source.position() - sourceStart;
    return source.position() > sourceStart || target.position() > targetStart;
  }

  @Override
  public void close() {
    if (guard.close()) {
      zstd.close();
      staging.release();
    }
  }
}
