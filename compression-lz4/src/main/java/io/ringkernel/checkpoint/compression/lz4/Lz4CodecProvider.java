package io.ringkernel.checkpoint.compression.lz4;

import io.ringkernel.checkpoint.compression.CompressionCodec;
import io.ringkernel.checkpoint.compression.CompressionCodecProvider;
import io.ringkernel.checkpoint.error.CodecUnavailableException;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.xxhash.XXHashFactory;
import org.jspecify.annotations.Nullable;

/**
 * Provides compression code 1, "lz4".
 *
 * <p>Found by {@link java.util.ServiceLoader}; applications that wire by hand hand an instance to
 * {@link io.ringkernel.checkpoint.compression.CompressionCodecs#of}.
 */
public final class Lz4CodecProvider implements CompressionCodecProvider {
  static final int CODE = 1;
  static final String NAME = "lz4";

  /** Loads nothing native: {@link #codec} does. */
  public Lz4CodecProvider() {}

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
   * @throws CodecUnavailableException when lz4-java's native library can't be loaded on this
   *     machine, with the cause
   */
  @Override
  public CompressionCodec codec() {
    CompressionCodec codec = LoadAttempt.ONLY.codec;
    if (codec == null) {
      throw new CodecUnavailableException(
          CODE,
          "compression code 1 (lz4) is installed, but its native library can't be loaded on "
              + System.getProperty("os.name")
              + " "
              + System.getProperty("os.arch")
              + "; save with another compression, and load on a machine that lz4-java supports",
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
        loaded = new Lz4Codec(LZ4Factory.nativeInstance(), XXHashFactory.nativeInstance());
      } catch (LinkageError | AssertionError | RuntimeException e) {
        // lz4-java reports a missing library as any of these, depending on where it finds out.
        thrown = e;
      }
      codec = loaded;
      failure = thrown;
    }
  }
}
