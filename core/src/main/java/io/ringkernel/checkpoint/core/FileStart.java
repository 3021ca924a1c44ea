package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.OwnedBuffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32;

/**
 * The header of a file, its first 64 bytes, caught while they pass: in version 1 they hold the
 * checksum of all the others, so that a checksum over them pins the whole file.
 */
final class FileStart {
  private static final int HEADER_SIZE = 64;
  private static final int VERSION_AT = 8;
  private static final int COMPRESSION_AT = 28;

  private final ByteBuffer header = ByteBuffer.allocate(HEADER_SIZE);

  /** Looks at a buffer of the file, which stays as it is. */
  void see(OwnedBuffer buffer) {
    if (header.hasRemaining()) {
      ByteBuffer bytes = buffer.buffer();
      int length = Math.min(header.remaining(), bytes.remaining());
      header.put(bytes.slice(bytes.position(), length));
    }
  }

  /** CRC-32 of what passed. */
  int headerCrc32() {
    return crc32(header.duplicate().flip());
  }

  /** CRC-32 of the remaining bytes. */
  static int crc32(ByteBuffer bytes) {
    CRC32 crc = new CRC32();
    crc.update(bytes);
    return (int) crc.getValue();
  }

  /** The format version that a file's first bytes tell; 0 when there are too few. */
  static int version(ByteBuffer start) {
    return start.remaining() < HEADER_SIZE ? 0 : int32(start, VERSION_AT);
  }

  /** The name of the compression that a version 1 file's first bytes tell. */
  static String codecName(ByteBuffer start) {
    return codecName(int32(start, COMPRESSION_AT));
  }

  /** The name of a compression code; the number when it has none. */
  static String codecName(int code) {
    return switch (code) {
      case 0 -> "none";
      case 1 -> "lz4";
      case 2 -> "zstd";
      default -> Integer.toUnsignedString(code);
    };
  }

  private static int int32(ByteBuffer start, int at) {
    return start.slice().order(ByteOrder.LITTLE_ENDIAN).getInt(at);
  }
}
