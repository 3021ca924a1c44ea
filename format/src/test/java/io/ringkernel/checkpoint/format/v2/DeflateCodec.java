package io.ringkernel.checkpoint.format.v2;

import io.ringkernel.checkpoint.compression.BlockCompressor;
import io.ringkernel.checkpoint.compression.BlockDecompressor;
import io.ringkernel.checkpoint.compression.CompressionCodec;
import io.ringkernel.checkpoint.compression.CompressionCodecProvider;
import io.ringkernel.checkpoint.compression.FrameCompressor;
import io.ringkernel.checkpoint.compression.FrameDecompressor;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/** The JDK's own compression as a codec, which counts the compressors that are open. */
final class DeflateCodec implements CompressionCodec, CompressionCodecProvider {
  static final int CODE = 200;
  static final String NAME = "deflate";

  final AtomicInteger open = new AtomicInteger();
  final AtomicInteger made = new AtomicInteger();

  @Override
  public int code() {
    return CODE;
  }

  @Override
  public String name() {
    return NAME;
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
    return 9;
  }

  @Override
  public int defaultLevel() {
    return 1;
  }

  @Override
  public int maxCompressedLength(int rawLength) {
    return rawLength + 64 + rawLength / 1000;
  }

  @Override
  public BlockCompressor blockCompressor(int level) {
    open.incrementAndGet();
    made.incrementAndGet();
    return new Compressor(level);
  }

  @Override
  public BlockDecompressor blockDecompressor() {
    open.incrementAndGet();
    return new BlockDecompressor() {
      @Override
      public void decompress(ByteBuffer source, ByteBuffer target) {
        target.put(inflate(source, target.remaining()));
      }

      @Override
      public void close() {
        open.decrementAndGet();
      }
    };
  }

  @Override
  public FrameCompressor frameCompressor(int level) {
    throw new UnsupportedOperationException("version 2 has no frames");
  }

  @Override
  public FrameDecompressor frameDecompressor() {
    throw new UnsupportedOperationException("version 2 has no frames");
  }

  /** The raw bytes of a block. */
  static byte[] inflate(ByteBuffer stored, int rawLength) {
    Inflater inflater = new Inflater();
    try {
      inflater.setInput(stored.duplicate());
      byte[] raw = new byte[rawLength];
      int length = inflater.inflate(raw);
      if (length != rawLength || !inflater.finished()) {
        throw new IllegalArgumentException(length + " bytes of " + rawLength);
      }
      return raw;
    } catch (DataFormatException e) {
      throw new IllegalArgumentException(e);
    } finally {
      inflater.end();
    }
  }

  private final class Compressor implements BlockCompressor {
    private final Deflater deflater;
    private boolean closed;

    Compressor(int level) {
      deflater = new Deflater(level);
    }

    @Override
    public int compress(ByteBuffer source, ByteBuffer target) {
      if (closed) {
        throw new IllegalStateException("closed");
      }
      deflater.reset();
      deflater.setInput(source.duplicate());
      deflater.finish();
      int start = target.position();
      int length = deflater.deflate(target);
      if (deflater.finished()) {
        return length;
      }
      target.position(start);
      return DOES_NOT_FIT;
    }

    @Override
    public void close() {
      if (!closed) {
        closed = true;
        deflater.end();
        open.decrementAndGet();
      }
    }
  }
}
