package io.ringkernel.checkpoint.format.wire;

import io.ringkernel.checkpoint.compression.CompressionCodec;
import io.ringkernel.checkpoint.error.InvalidOptionException;
import io.ringkernel.checkpoint.format.Compression;

/** The level that a codec is to work at. */
public final class CompressionLevel {
  private CompressionLevel() {}

  /**
   * The level that was asked for, or else the codec's default.
   *
   * @throws InvalidOptionException when the codec has no such level
   */
  public static int of(Compression compression, CompressionCodec codec) {
    Integer asked = compression.level();
    int level = asked == null ? codec.defaultLevel() : asked;
    if (level < codec.minLevel() || level > codec.maxLevel()) {
      throw new InvalidOptionException(
          "compression",
          String.format(
              "%s has the levels %d to %d, not %d",
              codec.name(), codec.minLevel(), codec.maxLevel(), level),
          null);
    }
    return level;
  }
}
