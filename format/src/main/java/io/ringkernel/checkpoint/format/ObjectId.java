package io.ringkernel.checkpoint.format;

import java.security.SecureRandom;
import java.util.HexFormat;

/**
 * The id of an immutable stored file for ever: 128 bits chosen at random before its first byte, in
 * 32 lower-case hex digits.
 *
 * @param hex the digits
 */
public record ObjectId(String hex) implements Comparable<ObjectId> {
  /** Bytes in a file. */
  public static final int LENGTH = 16;

  private static final SecureRandom RANDOM = new SecureRandom();

  /**
   * @throws IllegalArgumentException when it is not 32 lower-case hex digits
   */
  public ObjectId {
    if (!HexDigits.are(hex, 2 * LENGTH)) {
      throw new IllegalArgumentException("'" + hex + "' is not 32 lower-case hex digits");
    }
  }

  /** A new id. */
  public static ObjectId random() {
    byte[] bytes = new byte[LENGTH];
    RANDOM.nextBytes(bytes);
    return of(bytes);
  }

  /**
   * From a file.
   *
   * @param bytes 16 of them
   */
  public static ObjectId of(byte[] bytes) {
    return new ObjectId(HexFormat.of().formatHex(bytes));
  }

  /** The 16 bytes, fresh. */
  public byte[] bytes() {
    return HexFormat.of().parseHex(hex);
  }

  @Override
  public int compareTo(ObjectId other) {
    return hex.compareTo(other.hex);
  }

  @Override
  public String toString() {
    return hex;
  }
}
