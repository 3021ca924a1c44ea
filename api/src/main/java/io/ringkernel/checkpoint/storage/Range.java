package io.ringkernel.checkpoint.storage;

/**
 * Which bytes of an object to read. Bytes past the object's end are left out, as in HTTP.
 *
 * @param offset the first byte; or -1 for a suffix
 * @param length the most bytes wanted
 */
public record Range(long offset, long length) {
  private static final Range ALL = new Range(0, Long.MAX_VALUE);

  /**
   * @throws IllegalArgumentException when a value is out of its range
   */
  public Range {
    if (offset < -1 || length < 0) {
      throw new IllegalArgumentException("no range: offset " + offset + ", length " + length);
    }
  }

  /**
   * The bytes from an offset.
   *
   * @param offset the first, at least 0
   * @param length how many at most, at least 0
   */
  public static Range of(long offset, long length) {
    if (offset < 0) {
      throw new IllegalArgumentException("offset must be at least 0, not " + offset);
    }
    return new Range(offset, length);
  }

  /**
   * The last bytes.
   *
   * @param length how many at most, at least 0
   */
  public static Range suffix(long length) {
    return new Range(-1, length);
  }

  /** All bytes. */
  public static Range all() {
    return ALL;
  }

  /** Whether this counts from the end. */
  public boolean isSuffix() {
    return offset < 0;
  }

  /**
   * This range within an object of a known size: from its start, and no longer than there are
   * bytes.
   *
   * @param size of the object, at least 0
   */
  public Range within(long size) {
    long start = isSuffix() ? Math.max(0, size - length) : Math.min(offset, size);
    return new Range(start, Math.min(length, size - start));
  }
}
