package io.ringkernel.checkpoint.compression;

/**
 * Announces a codec to {@link java.util.ServiceLoader} without loading its native library: that is
 * left to {@link #codec}.
 */
public interface CompressionCodecProvider {
  /** The codec's {@link CompressionCodec#code}. */
  int code();

  /** The codec's {@link CompressionCodec#name}. */
  String name();

  /**
   * The codec itself; the same instance may be given every time.
   *
   * @throws io.ringkernel.checkpoint.error.CodecUnavailableException when its native library can't
   *     be loaded on this machine, with the cause
   */
  CompressionCodec codec();
}
