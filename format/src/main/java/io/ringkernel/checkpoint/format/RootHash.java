package io.ringkernel.checkpoint.format;

import java.util.HexFormat;

/**
 * The hash that pins every byte of a version 2 file: SHA-256 over header, metadata, directory and
 * totals, in 64 lower-case hex digits.
 *
 * @param hex the digits
 */
public record RootHash(String hex) {
  /** Bytes in a file. */
  public static final int LENGTH = 32;

  /**
   * @throws IllegalArgumentException when it is not 64 lower-case hex digits
   */
  public RootHash {
    if (!HexDigits.are(hex, 2 * LENGTH)) {
      throw new IllegalArgumentException("'" + hex + "' is not 64 lower-case hex digits");
    }
  }

  /**
   * From a file.
   *
   * @param bytes 32 of them
   */
  public static RootHash of(byte[] bytes) {
    return new RootHash(HexFormat.of().formatHex(bytes));
  }

  /** The 32 bytes, fresh. */
  public byte[] bytes() {
    return HexFormat.of().parseHex(hex);
  }

  @Override
  public String toString() {
    return hex;
  }
}
