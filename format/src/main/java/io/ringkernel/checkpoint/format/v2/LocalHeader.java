package io.ringkernel.checkpoint.format.v2;

import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Supplier;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * The 16 bytes before each payload.
 *
 * @param chunk index of the chunk, or {@link Layout#PAGE_SECTION} or {@link
 *     Layout#DIRECTORY_SECTION}
 * @param number of the block in its chunk, or of the page in the file
 * @param storedLength bytes of payload
 * @param codec 0 for raw
 */
record LocalHeader(int chunk, int number, int storedLength, int codec) {
  private static final int CHECKED = 13;

  /** Writes it at the target's position, which moves past it. */
  void put(ByteBuffer target) {
    byte[] bytes = new byte[Layout.LOCAL_HEADER_SIZE];
    ByteBuffer out = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    out.putInt(chunk).putInt(number).putInt(storedLength).put((byte) codec);
    int check = check(bytes);
    out.put((byte) check).put((byte) (check >>> 8)).put((byte) (check >>> 16));
    target.put(bytes);
  }

  /** It, alone. */
  ByteBuffer encode() {
    ByteBuffer bytes = ByteBuffer.allocate(Layout.LOCAL_HEADER_SIZE);
    put(bytes);
    return bytes.flip();
  }

  /**
   * Reads one.
   *
   * @param source at its first byte; neither position nor limit is moved
   * @return null when the check differs
   */
  static @Nullable LocalHeader read(ByteBuffer source) {
    byte[] bytes = new byte[Layout.LOCAL_HEADER_SIZE];
    source.duplicate().get(bytes);
    ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    LocalHeader header = new LocalHeader(in.getInt(), in.getInt(), in.getInt(), in.get() & 0xFF);
    int found = (in.get() & 0xFF) | (in.get() & 0xFF) << 8 | (in.get() & 0xFF) << 16;
    return check(bytes) == found ? header : null;
  }

  /**
   * Refuses any other header than this one.
   *
   * @param source at its first byte; neither position nor limit is moved
   * @param position of it in the file
   * @param what says what it belongs to; asked only when it is another
   */
  void verifyAt(ByteBuffer source, long position, Supplier<String> what) {
    LocalHeader found = read(source);
    if (!equals(found)) {
      throw new CorruptCheckpointException(
          position,
          found == null
              ? "the local header of " + what.get() + " fails its check"
              : "the local header of " + what.get() + " is " + found + ", expected " + this);
    }
  }

  private static int check(byte[] bytes) {
    CRC32 crc = new CRC32();
    crc.update(bytes, 0, CHECKED);
    return (int) crc.getValue() & 0xFFFFFF;
  }
}
