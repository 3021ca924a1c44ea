package io.ringkernel.checkpoint.format.wire;

import io.ringkernel.checkpoint.compression.BlockCompressor;
import io.ringkernel.checkpoint.compression.BlockDecompressor;
import io.ringkernel.checkpoint.compression.CompressionCodec;
import io.ringkernel.checkpoint.compression.FrameCompressor;
import io.ringkernel.checkpoint.compression.FrameDecompressor;
import io.ringkernel.checkpoint.error.CodecUnavailableException;
import java.nio.ByteBuffer;
import java.util.function.Supplier;

/**
 * A codec whose {@link Error}s end as {@link CodecUnavailableException}s.
 *
 * <p>A native library of another version throws {@link LinkageError}s, in whatever call meets the
 * difference, and memory that it can't get is an {@link OutOfMemoryError}. Reactor takes such
 * errors for the end of the process: it lets them end the worker's task and tells no subscriber,
 * who would wait for ever.
 */
record GuardedCodec(CompressionCodec codec) implements CompressionCodec {
  private <T> T guard(Supplier<T> call) {
    try {
      return call.get();
    } catch (Error e) {
      throw new CodecUnavailableException(
          codec.code(),
          "the codec '"
              + codec.name()
              + "' failed with "
              + e
              + "; see whether its library is of the version that its artifact asks for",
          e);
    }
  }

  private void guarded(Runnable call) {
    guard(
        () -> {
          call.run();
          return true;
        });
  }

  @Override
  public int code() {
    return codec.code();
  }

  @Override
  public String name() {
    return codec.name();
  }

  @Override
  public int minLevel() {
    return guard(codec::minLevel);
  }

  @Override
  public int maxLevel() {
    return guard(codec::maxLevel);
  }

  @Override
  public int defaultLevel() {
    return guard(codec::defaultLevel);
  }

  @Override
  public int maxCompressedLength(int rawLength) {
    return guard(() -> codec.maxCompressedLength(rawLength));
  }

  @Override
  public BlockCompressor blockCompressor(int level) {
    BlockCompressor compressor = guard(() -> codec.blockCompressor(level));
    return new BlockCompressor() {
      @Override
      public int compress(ByteBuffer source, ByteBuffer target) {
        return guard(() -> compressor.compress(source, target));
      }

      @Override
      public void close() {
        guarded(compressor::close);
      }
    };
  }

  @Override
  public BlockDecompressor blockDecompressor() {
    BlockDecompressor decompressor = guard(codec::blockDecompressor);
    return new BlockDecompressor() {
      @Override
      public void decompress(ByteBuffer source, ByteBuffer target) {
        guarded(() -> decompressor.decompress(source, target));
      }

      @Override
      public void close() {
        guarded(decompressor::close);
      }
    };
  }

  @Override
  public FrameCompressor frameCompressor(int level) {
    FrameCompressor compressor = guard(() -> codec.frameCompressor(level));
    return new FrameCompressor() {
      @Override
      public int maxOutput(int rawLength) {
        return guard(() -> compressor.maxOutput(rawLength));
      }

      @Override
      public void compress(ByteBuffer source, ByteBuffer target, boolean last) {
        guarded(() -> compressor.compress(source, target, last));
      }

      @Override
      public void close() {
        guarded(compressor::close);
      }
    };
  }

  @Override
  public FrameDecompressor frameDecompressor() {
    FrameDecompressor decompressor = guard(codec::frameDecompressor);
    return new FrameDecompressor() {
      @Override
      public boolean decompress(ByteBuffer source, ByteBuffer target) {
        return guard(() -> decompressor.decompress(source, target));
      }

      @Override
      public void close() {
        guarded(decompressor::close);
      }
    };
  }
}
