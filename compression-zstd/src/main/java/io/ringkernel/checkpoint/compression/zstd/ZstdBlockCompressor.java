package io.ringkernel.checkpoint.compression.zstd;

import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdException;
import io.ringkernel.checkpoint.compression.BlockCompressor;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;

/** Makes single zstd frames that declare their content's size, with one context for all. */
final class ZstdBlockCompressor implements BlockCompressor {
  private final ZstdCompressCtx zstd;
  private final UseGuard guard = new UseGuard("zstd block compressor");
  private final Scratch forSource = new Scratch();
  private final Scratch forTarget = new Scratch();

  /** Takes over {@code zstd} and closes it. */
  ZstdBlockCompressor(ZstdCompressCtx zstd) {
    this.zstd = zstd;
  }

  @Override
  public int compress(ByteBuffer source, ByteBuffer target) {
    if (target.isReadOnly()) {
      throw new ReadOnlyBufferException();
    }
    guard.enter();
    try {
      int length =
          source.isDirect() && target.isDirect()
              ? zstd.compressDirectByteBuffer(
                  target,
                  target.position(),
                  target.remaining(),
                  source,
                  source.position(),
                  source.remaining())
              : compressArrays(source, target);
      target.position(target.position() + length);
      return length;
    } catch (ZstdException e) {
      if (ZstdErrors.isTargetTooSmall(e)) {
        return DOES_NOT_FIT;
      }
      throw e;
    } finally {
      guard.leave();
    }
  }

  private int compressArrays(ByteBuffer source, ByteBuffer target) {
    ByteBuffer from = source.hasArray() ? source : forSource.copyOf(source);
    ByteBuffer to = target;
    if (!target.hasArray()) {
      int most = Math.min(target.remaining(), ZstdCodec.bound(source.remaining()));
      to = forTarget.room(most);
    }
    int length =
        zstd.compressByteArray(
            to.array(),
            to.arrayOffset() + to.position(),
            to.remaining(),
            from.array(),
            from.arrayOffset() + from.position(),
            from.remaining());
    if (!target.hasArray()) {
      target.put(target.position(), to, to.position(), length);
    }
    return length;
  }

  @Override
  public void close() {
    if (guard.close()) {
      zstd.close();
      forSource.release();
      forTarget.release();
    }
  }
}
