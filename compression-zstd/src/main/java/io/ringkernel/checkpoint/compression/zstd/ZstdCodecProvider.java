package io.ringkernel.checkpoint.compression.zstd;

import com.github.luben.zstd.ZstdDecompressCtx;
import io.ringkernel.checkpoint.compression.CompressionCodec;
import io.ringkernel.checkpoint.compression.CompressionCodecProvider;
import io.ringkernel.checkpoint.error.CodecUnavailableException;
import org.jspecify.annotations.Nullable;

/**
 * Provides compression code 2, "zstd".
 *
 * <p>Found by {@link java.util.ServiceLoader}; applications that wire by hand hand an instance to
 * {@link io.ringkernel.checkpoint.compression.CompressionCodecs#of}.
 */
public final class ZstdCodecProvider implements CompressionCodecProvider {
  static final int CODE = 2;
  static final String NAME = "zstd";

  /** Loads nothing native: {@link #codec} does. */
  public ZstdCodecProvider() {}

  @Override
  public int code() {
    return CODE;
  }

  @Override
  public String name() {
    return NAME;
  }

  /**
   * The codec, the same one every time.
   *
   * @throws CodecUnavailableException when zstd-jni's native library can't be loaded on this
   *     machine, with the cause
   */
  @Override
  public CompressionCodec codec() {
    CompressionCodec codec = LoadAttempt.ONLY.codec;
    if (codec == null) {
      throw new CodecUnavailableException(
          CODE,
          "compression code 2 (zstd) is installed, but its native library can't be loaded on "
              + System.getProperty("os.name")
              + " "
              + System.getProperty("os.arch")
              + "; save with another compression, and load on a machine that zstd-jni supports",
          LoadAttempt.ONLY.failure);
    }
    return codec;
  }

  /** What became of the native library: tried once, when the codec is first asked for. */
  private static final class LoadAttempt {
    static final LoadAttempt ONLY = new LoadAttempt();

    final @Nullable CompressionCodec codec;
    final @Nullable Throwable failure;

    private LoadAttempt() {
      CompressionCodec loaded = null;
      Throwable thrown = null;
      try {
        new ZstdDecompressCtx().close();
        loaded = new ZstdCodec();
      } catch (LinkageError | RuntimeException e) {
        // A missing library shows as either, depending on where zstd-jni finds out.
        thrown = e;
      }
      codec = loaded;
      failure = thrown;
    }
  }
}
