package io.ringkernel.checkpoint;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * Consecutive bytes of a content or a stored object, and the caller's memory that they go to. Two
 * are equal only as long as their memory holds the same bytes, so distinguish them by identity.
 *
 * @param offset of the first byte, at least 0
 * @param targets filled one after the other, each from its position to its limit; heap or direct,
 *     writable
 */
public record Stretch(long offset, List<ByteBuffer> targets) {
  /**
   * Takes the list, which must not change.
   *
   * @throws IllegalArgumentException when the offset is negative
   */
  public Stretch {
    if (offset < 0) {
      throw new IllegalArgumentException("offset must be at least 0, not " + offset);
    }
  }

  /**
   * The number of bytes that there is room for now: fewer once the targets' positions have moved.
   */
  public long length() {
    long length = 0;
    for (ByteBuffer target : targets) {
      length += target.remaining();
    }
    return length;
  }
}
