package io.ringkernel.checkpoint.format.v2;

import io.ringkernel.checkpoint.compression.BlockCompressor;
import io.ringkernel.checkpoint.compression.BlockDecompressor;
import io.ringkernel.checkpoint.compression.CompressionCodec;
import io.ringkernel.checkpoint.compression.CompressionCodecProvider;
import io.ringkernel.checkpoint.compression.FrameCompressor;
import io.ringkernel.checkpoint.compression.FrameDecompressor;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;

/** Pairs of a count and a byte: a codec small enough to be seen through, which counts its users. */
final class RunLengthCodec implements CompressionCodec, CompressionCodecProvider {
  static final int CODE = 77;

  /** Decompressors that were made and not closed yet. */
  final AtomicInteger open = new AtomicInteger();

  /** Blocks that a decompressor was given. */
  final AtomicInteger decompressed = new AtomicInteger();

  @Override
  public int code() {
    return CODE;
  }

  @Override
  public String name() {
    return "run-length";
  }

  @Override
  public CompressionCodec codec() {
    return this;
  }

  @Override
  public int minLevel() {
    return 1;
  }

  @Override
  public int maxLevel() {
    return 1;
  }

  @Override
  public int defaultLevel() {
    return 1;
  }

  @Override
  public int maxCompressedLength(int rawLength) {
    return 2 * rawLength;
  }

  static byte[] compress(byte[] raw) {
    ByteBuffer out = ByteBuffer.allocate(2 * raw.length);
    for (int i = 0; i < raw.length; ) {
      int end = i;
      while (end < raw.length && end - i < 255 && raw[end] == raw[i]) {
        end++;
      }
      out.put((byte) (end - i)).put(raw[i]);
      i = end;
    }
    byte[] bytes = new byte[out.position()];
    out.get(0, bytes);
    return bytes;
  }

  @Override
  public BlockDecompressor blockDecompressor() {
    open.incrementAndGet();
    return new BlockDecompressor() {
      @Override
      public void decompress(ByteBuffer source, ByteBuffer target) {
        decompressed.incrementAndGet();
        ByteBuffer in = source.duplicate();
        while (in.hasRemaining()) {
          int at = in.position() - source.position();
          if (in.remaining() < 2) {
            throw new CorruptCheckpointException(at, "a run is cut off");
          }
          int count = in.get() & 0xFF;
          byte value = in.get();
          if (count > target.remaining()) {
            throw new CorruptCheckpointException(at, "more bytes than declared");
          }
          for (int i = 0; i < count; i++) {
            target.put(value);
          }
        }
        if (target.hasRemaining()) {
          throw new CorruptCheckpointException(source.remaining(), "fewer bytes than declared");
        }
      }

      @Override
      public void close() {
        open.decrementAndGet();
      }
    };
  }

  @Override
  public BlockCompressor blockCompressor(int level) {
    throw new UnsupportedOperationException("files in these tests are built by hand");
  }

  @Override
  public FrameCompressor frameCompressor(int level) {
    throw new UnsupportedOperationException("version 2 has no frames");
  }

  @Override
  public FrameDecompressor frameDecompressor() {
    throw new UnsupportedOperationException("version 2 has no frames");
  }
}
