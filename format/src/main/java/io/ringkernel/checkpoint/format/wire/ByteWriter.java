package io.ringkernel.checkpoint.format.wire;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Little-endian output that grows; not safe for several threads. */
public final class ByteWriter {
  private ByteBuffer bytes;

  /**
   * @param expected bytes to make room for
   */
  public ByteWriter(int expected) {
    bytes = ByteBuffer.allocate(Math.max(16, expected)).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Adds a byte. */
  public ByteWriter u8(int value) {
    room(1).put((byte) value);
    return this;
  }

  /** Adds four bytes. */
  public ByteWriter u32(int value) {
    room(4).putInt(value);
    return this;
  }

  /** Adds eight bytes. */
  public ByteWriter u64(long value) {
    room(8).putLong(value);
    return this;
  }

  /** Adds all of an array. */
  public ByteWriter bytes(byte[] value) {
    room(value.length).put(value);
    return this;
  }

  /** Adds all remaining bytes of a buffer, whose position and limit are left as they are. */
  public ByteWriter bytes(ByteBuffer value) {
    room(value.remaining()).put(value.duplicate());
    return this;
  }

  /** Adds an unsigned number in the shortest form of LEB128. */
  public ByteWriter varint(long value) {
    ByteBuffer target = room(10);
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      target.put((byte) (rest | 0x80));
      rest >>>= 7;
    }
    target.put((byte) rest);
    return this;
  }

  /** Adds a signed number. */
  public ByteWriter zigzag(long value) {
    return varint((value << 1) ^ (value >> 63));
  }

  /** Adds a u32 length and UTF-8. The model's texts are well-formed, so nothing is replaced. */
  public ByteWriter string(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    return u32(utf8.length).bytes(utf8);
  }

  /** Bytes added so far. */
  public int size() {
    return bytes.position();
  }

  /** What was added, as a view: valid until more is added. */
  public ByteBuffer view() {
    return bytes.duplicate().flip().order(ByteOrder.LITTLE_ENDIAN);
  }

  private ByteBuffer room(int length) {
    if (bytes.remaining() < length) {
      int wanted = Math.addExact(bytes.position(), length);
      int grown = (int) Math.min(Integer.MAX_VALUE - 8L, Math.max(wanted, bytes.capacity() * 2L));
      bytes = ByteBuffer.allocate(grown).order(ByteOrder.LITTLE_ENDIAN).put(bytes.flip());
    }
    return bytes;
  }
}
