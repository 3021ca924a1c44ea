package io.ringkernel.checkpoint.format.wire;

import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;

/**
 * A cursor over untrusted bytes that knows where in the file they stand. Every read checks its
 * bound first; {@link #verify} is the only way it raises corruption.
 */
public final class ByteReader {
  private final ByteBuffer bytes;
  private final long base;

  /**
   * @param bytes from position to limit; neither is moved
   * @param position of the first byte in the file
   */
  public ByteReader(ByteBuffer bytes, long position) {
    this.bytes = bytes.slice().order(ByteOrder.LITTLE_ENDIAN);
    this.base = position;
  }

  /** Position in the file of the next byte. */
  public long position() {
    return base + bytes.position();
  }

  /** Bytes left. */
  public int remaining() {
    return bytes.remaining();
  }

  /** The next byte. */
  public int u8(String what) {
    need(1, what);
    return bytes.get() & 0xFF;
  }

  /** The next four bytes; unsigned. */
  public int u32(String what) {
    need(4, what);
    return bytes.getInt();
  }

  /** The next eight bytes; unsigned. */
  public long u64(String what) {
    need(8, what);
    return bytes.getLong();
  }

  /** The next {@code length} bytes, copied. */
  public byte[] bytes(int length, String what) {
    need(length, what);
    byte[] copy = new byte[length];
    bytes.get(copy);
    return copy;
  }

  /** The next {@code length} bytes, copied to where they belong. */
  public void bytes(byte[] target, int at, int length, String what) {
    need(length, what);
    bytes.get(target, at, length);
  }

  /** A number in the shortest form of LEB128; unsigned. */
  public long varint(String what) {
    long start = position();
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      int next = u8(what);
      verify(shift < 63 || next <= 1, start, () -> what + " is longer than 64 bits");
      verify(shift == 0 || next != 0, start, () -> what + " is not in its shortest form");
      value |= (next & 0x7FL) << shift;
      if (next < 0x80) {
        return value;
      }
    }
    throw new CorruptCheckpointException(start, what + " is longer than 64 bits");
  }

  /** A signed number. */
  public long zigzag(String what) {
    long value = varint(what);
    return (value >>> 1) ^ -(value & 1);
  }

  /**
   * A count or length that must not exceed {@code limit}, checked as unsigned before it becomes an
   * int.
   */
  public int count(long value, int limit, long position, String what) {
    verify(
        Long.compareUnsigned(value, limit) <= 0,
        position,
        () -> what + " " + Long.toUnsignedString(value) + " is above " + limit);
    return (int) value;
  }

  /** A u32 length in bytes and as many bytes of strict UTF-8. */
  public String string(String what) {
    long start = position();
    long length = Integer.toUnsignedLong(u32(what + " length"));
    verify(
        length <= remaining(),
        start,
        what + " length " + length + " runs past the end, " + remaining() + " bytes are left");
    ByteBuffer text = bytes.slice(bytes.position(), (int) length);
    try {
      String value = StandardCharsets.UTF_8.newDecoder().decode(text).toString();
      bytes.position(bytes.position() + (int) length);
      return value;
    } catch (CharacterCodingException e) {
      throw new CorruptCheckpointException(start + 4, what + " is not UTF-8", e);
    }
  }

  /** Refuses what is left. */
  public void end(String what) {
    verify(remaining() == 0, position(), remaining() + " bytes too many after " + what);
  }

  /**
   * Raises corruption unless a condition holds.
   *
   * @param condition what must hold
   * @param position where in the file it does not
   * @param reason what is wrong there
   */
  public static void verify(boolean condition, long position, String reason) {
    if (!condition) {
      throw new CorruptCheckpointException(position, reason);
    }
  }

  /**
   * Raises corruption unless a condition holds; for what is checked so often that its reason must
   * not be put together in vain.
   *
   * @param condition what must hold
   * @param position where in the file it does not
   * @param reason tells what is wrong there
   */
  public static void verify(boolean condition, long position, Supplier<String> reason) {
    if (!condition) {
      throw new CorruptCheckpointException(position, reason.get());
    }
  }

  private void need(int length, String what) {
    if (length > bytes.remaining()) {
      throw new CorruptCheckpointException(
          position(), what + " needs " + length + " bytes, " + remaining() + " are left");
    }
  }
}
