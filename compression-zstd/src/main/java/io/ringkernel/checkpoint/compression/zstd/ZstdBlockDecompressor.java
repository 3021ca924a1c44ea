package io.ringkernel.checkpoint.compression.zstd;

import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import io.ringkernel.checkpoint.compression.BlockDecompressor;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ReadOnlyBufferException;

/** Reads blocks that are exactly one zstd frame of the target's size. */
final class ZstdBlockDecompressor implements BlockDecompressor {
  private final ZstdDecompressCtx zstd;
  private final UseGuard guard = new UseGuard("zstd block decompressor");
  private final Scratch forSource = new Scratch();

  /** Takes over {@code zstd} and closes it. */
  ZstdBlockDecompressor(ZstdDecompressCtx zstd) {
    this.zstd = zstd;
  }

  @Override
  public void decompress(ByteBuffer source, ByteBuffer target) {
    if (target.isReadOnly()) {
      throw new ReadOnlyBufferException();
    }
    guard.enter();
    try {
      verifyFrame(source, target.remaining());
      ByteBuffer from = source.isDirect() || source.hasArray() ? source : forSource.copyOf(source);
      int length = decompressReachable(from, target);
      if (length != target.remaining()) {
        throw new CorruptCheckpointException(
            source.remaining(),
            "the zstd block ends after " + length + " bytes of " + target.remaining());
      }
      target.position(target.limit());
    } catch (ZstdException e) {
      throw ZstdErrors.corrupt(0, source.remaining(), e);
    } finally {
      guard.leave();
    }
  }

  /** What native code would let pass: another size, a second frame, bytes behind the frame. */
  private static void verifyFrame(ByteBuffer source, int expected) {
    ByteBuffer bytes = source.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    int start = bytes.position();
    int available = bytes.remaining();
    boolean enough =
        available >= FrameHead.SHORTEST
            && available >= FrameHead.length(bytes.get(start + FrameHead.MAGIC_LENGTH));
    verify(enough, available, "the zstd block ends within its head");
    verify(bytes.getInt(start) == FrameHead.MAGIC, 0, "no zstd frame begins here");
    FrameHead head = FrameHead.parse(bytes, start);
    verify(head.declaresSize(), 0, "the zstd block does not declare its size");
    if (head.contentSize() != expected) {
      throw new CorruptCheckpointException(
          0,
          "the zstd block declares "
              + Long.toUnsignedString(head.contentSize())
              + " bytes, not "
              + expected);
    }
    int end = head.end(bytes, start);
    verify(end == bytes.limit(), end - start, "bytes follow the zstd block");
  }

  private static void verify(boolean condition, long offset, String reason) {
    if (!condition) {
      throw new CorruptCheckpointException(offset, reason);
    }
  }

  private int decompressReachable(ByteBuffer from, ByteBuffer to) {
    int at = from.position();
    int length = from.remaining();
    int toAt = to.position();
    int room = to.remaining();
    if (from.isDirect()) {
      return to.isDirect()
          ? zstd.decompressDirectByteBuffer(to, toAt, room, from, at, length)
          : zstd.decompressDirectByteBufferToByteArray(
              to.array(), to.arrayOffset() + toAt, room, from, at, length);
    }
    int arrayAt = from.arrayOffset() + at;
    return to.isDirect()
        ? zstd.decompressByteArrayToDirectByteBuffer(to, toAt, room, from.array(), arrayAt, length)
        : zstd.decompressByteArray(
            to.array(), to.arrayOffset() + toAt, room, from.array(), arrayAt, length);
  }

  @Override
  public void close() {
    if (guard.close()) {
      zstd.close();
      forSource.release();
    }
  }
}
