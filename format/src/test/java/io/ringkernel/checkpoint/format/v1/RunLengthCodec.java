package io.ringkernel.checkpoint.format.v1;

import io.ringkernel.checkpoint.compression.BlockCompressor;
import io.ringkernel.checkpoint.compression.BlockDecompressor;
import io.ringkernel.checkpoint.compression.CompressionCodec;
import io.ringkernel.checkpoint.compression.CompressionCodecProvider;
import io.ringkernel.checkpoint.compression.FrameCompressor;
import io.ringkernel.checkpoint.compression.FrameDecompressor;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The simplest codec that is one: a frame is pairs of a count (1 to 255) and a byte, and ends with
 * two zeros. It counts what is open and how much was decompressed.
 */
final class RunLengthCodec implements CompressionCodec, CompressionCodecProvider {
  final AtomicInteger open = new AtomicInteger();
  final AtomicLong consumed = new AtomicLong();

  /** Asked for in each call, beyond what is needed; a real codec may hold a block back. */
  volatile int spareOutput;

  private final int code;

  RunLengthCodec(int code) {
    this.code = code;
  }

  /** A frame made by hand. */
  static byte[] frame(int... countsAndBytes) {
    byte[] frame = new byte[countsAndBytes.length + 2];
    for (int i = 0; i < countsAndBytes.length; i++) {
      frame[i] = (byte) countsAndBytes[i];
    }
    return frame;
  }

  @Override
  public CompressionCodec codec() {
    return this;
  }

  @Override
  public int code() {
    return code;
  }

  @Override
  public String name() {
    return switch (code) {
      case 1 -> "lz4";
      case 2 -> "zstd";
      default -> "runs";
    };
  }

  @Override
  public int minLevel() {
    return 1;
  }

  @Override
  public int maxLevel() {
    return 3;
  }

  @Override
  public int defaultLevel() {
    return 2;
  }

  @Override
  public int maxCompressedLength(int rawLength) {
    return 2 * rawLength;
  }

  @Override
  public BlockCompressor blockCompressor(int level) {
    throw new UnsupportedOperationException("version 1 has no blocks");
  }

  @Override
  public BlockDecompressor blockDecompressor() {
    throw new UnsupportedOperationException("version 1 has no blocks");
  }

  @Override
  public FrameCompressor frameCompressor(int level) {
    open.incrementAndGet();
    return new Compressor();
  }

  @Override
  public FrameDecompressor frameDecompressor() {
    open.incrementAndGet();
    return new Decompressor();
  }

  private final class Compressor implements FrameCompressor {
    private boolean closed;

    @Override
    public int maxOutput(int rawLength) {
      return 2 * rawLength + 2 + spareOutput;
    }

    @Override
    public void compress(ByteBuffer source, ByteBuffer target, boolean last) {
      while (source.hasRemaining()) {
        byte value = source.get();
        int count = 1;
        while (source.hasRemaining() && count < 255 && source.get(source.position()) == value) {
          source.get();
          count++;
        }
        target.put((byte) count).put(value);
      }
      if (last) {
        target.putShort((short) 0);
      }
    }

    @Override
    public void close() {
      if (!closed) {
        closed = true;
        open.decrementAndGet();
      }
    }
  }

  private final class Decompressor implements FrameDecompressor {
    private boolean closed;
    private long position;
    private int count = -1;
    private boolean expectsValue;
    private byte value;
    private boolean ended;

    @Override
    public boolean decompress(ByteBuffer source, ByteBuffer target) {
      if (closed) {
        throw new IllegalStateException("used after close");
      }
      int start = source.position();
      while (true) {
        if (!expectsValue && count > 0) {
          if (!target.hasRemaining()) {
            break;
          }
          target.put(value);
          count--;
        } else if (!source.hasRemaining()) {
          break;
        } else if (expectsValue) {
          value = source.get();
          position++;
          expectsValue = false;
          ended = count == 0;
          if (ended && value != 0) {
            throw new CorruptCheckpointException(position - 1, "a run of no bytes");
          }
        } else {
          count = source.get() & 0xFF;
          position++;
          expectsValue = true;
          ended = false;
        }
      }
      consumed.addAndGet(source.position() - start);
      return ended;
    }

    @Override
    public void close() {
      if (!closed) {
        closed = true;
        open.decrementAndGet();
      }
    }
  }
}
