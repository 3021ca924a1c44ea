package io.ringkernel.checkpoint.format;

import org.jspecify.annotations.Nullable;

/**
 * A codec and the level at which it compresses.
 *
 * @param codec the codec's name, or {@code "none"}
 * @param level null for the codec's default
 */
public record Compression(String codec, @Nullable Integer level) {
  /** No compression: every block is stored as it is. */
  public static final Compression NONE = new Compression("none", null);

  /**
   * A codec at its default level; {@link #parse} takes a level too.
   *
   * @param codec its name, for example {@code "zstd"}
   */
  public static Compression of(String codec) {
    return new Compression(codec, null);
  }

  /**
   * From text.
   *
   * @param text {@code "none"}, {@code "lz4"} or {@code "zstd:7"}
   * @throws IllegalArgumentException when the level is no number
   */
  public static Compression parse(String text) {
    int colon = text.indexOf(':');
    if (colon < 0) {
      return of(text);
    }
    try {
      return new Compression(text.substring(0, colon), Integer.valueOf(text.substring(colon + 1)));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "'"
              + text
              + "' is no compression: write none, lz4, zstd, or a level behind a colon: zstd:7",
          e);
    }
  }

  /** Whether every block is stored as it is. */
  public boolean isNone() {
    return codec.equals("none");
  }

  @Override
  public String toString() {
    return level == null ? codec : codec + ":" + level;
  }
}
