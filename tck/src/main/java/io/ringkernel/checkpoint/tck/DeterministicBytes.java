package io.ringkernel.checkpoint.tck;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Bytes that depend only on a seed and their offset, so that any range of an object of any size can
 * be made, and checked, without keeping the rest.
 *
 * <p>Each 8-byte word is a hash (SplitMix64's finalizer) of the seed and the word's number divided
 * by {@code repeat}.
 *
 * @param seed tells one sequence from another
 * @param repeat how many neighbouring words are equal, at least 1: 1 can't be compressed, 64
 *     compresses well
 */
public record DeterministicBytes(long seed, int repeat) {
  /**
   * @throws IllegalArgumentException when {@code repeat} is below 1
   */
  public DeterministicBytes {
    if (repeat < 1) {
      throw new IllegalArgumentException("repeat must be at least 1, not " + repeat);
    }
  }

  /**
   * Bytes that can't be compressed.
   *
   * @param seed tells one sequence from another
   */
  public static DeterministicBytes random(long seed) {
    return new DeterministicBytes(seed, 1);
  }

  /**
   * The first bytes of a sequence that can't be compressed, as an array.
   *
   * @param seed tells one sequence from another
   * @param length how many
   */
  public static byte[] array(long seed, int length) {
    byte[] bytes = new byte[length];
    random(seed).fill(0, ByteBuffer.wrap(bytes));
    return bytes;
  }

  /**
   * Fills what remains of a buffer.
   *
   * @param offset of the first byte in the sequence
   * @param target its position ends at its limit
   */
  public void fill(long offset, ByteBuffer target) {
    ByteOrder order = target.order();
    target.order(ByteOrder.LITTLE_ENDIAN);
    long at = offset;
    while (target.hasRemaining()) {
      if ((at & 7) == 0 && target.remaining() >= Long.BYTES) {
        target.putLong(word(at >>> 3));
        at += Long.BYTES;
      } else {
        target.put(byteAt(at++));
      }
    }
    target.order(order);
  }

  /**
   * Compares what remains of a buffer; its position stays.
   *
   * @param offset of the first byte in the sequence
   * @param actual what should be the same
   * @return the offset of the first byte that differs, or -1 when none does
   */
  public long mismatch(long offset, ByteBuffer actual) {
    ByteBuffer expected = ByteBuffer.allocate(actual.remaining());
    fill(offset, expected);
    int at = expected.flip().mismatch(actual);
    return at < 0 ? -1 : offset + at;
  }

  private byte byteAt(long offset) {
    return (byte) (word(offset >>> 3) >>> ((offset & 7) * 8));
  }

  private long word(long number) {
    long z = seed + (number / repeat + 1) * 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
