package io.ringkernel.checkpoint.compression;

import io.ringkernel.checkpoint.error.CodecUnavailableException;

/** A provider whose codec has nothing but a code and a name. */
public class StubProvider implements CompressionCodecProvider {
  private final int code;
  private final String name;

  public StubProvider(int code, String name) {
    this.code = code;
    this.name = name;
  }

  @Override
  public int code() {
    return code;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public CompressionCodec codec() {
    return new StubCodec(code, name);
  }

  /** As {@code ringkernel-checkpoint-compression-zstd} announces itself. */
  public static final class Zstd extends StubProvider {
    public Zstd() {
      super(2, "zstd");
    }
  }

  /** Another with the same code. */
  public static final class OtherZstd extends StubProvider {
    public OtherZstd() {
      super(2, "zstd");
    }
  }

  /** One whose constructor fails. */
  public static final class Broken extends StubProvider {
    public Broken() {
      super(1, "lz4");
      throw new IllegalStateException("no luck today");
    }
  }

  /** One whose native library is missing. */
  public static final class WithoutNativeLibrary extends StubProvider {
    public WithoutNativeLibrary() {
      super(1, "lz4");
    }

    @Override
    public CompressionCodec codec() {
      throw new CodecUnavailableException(
          1, "lz4 can't be loaded", new UnsatisfiedLinkError("no liblz4 here"));
    }
  }

  /** Not a provider at all. */
  public static final class Stranger {}

  private record StubCodec(int code, String name) implements CompressionCodec {
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
      return rawLength;
    }

    @Override
    public BlockCompressor blockCompressor(int level) {
      throw new UnsupportedOperationException();
    }

    @Override
    public BlockDecompressor blockDecompressor() {
      throw new UnsupportedOperationException();
    }

    @Override
    public FrameCompressor frameCompressor(int level) {
      throw new UnsupportedOperationException();
    }

    @Override
    public FrameDecompressor frameDecompressor() {
      throw new UnsupportedOperationException();
    }
  }
}
