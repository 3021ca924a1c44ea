package io.ringkernel.checkpoint.storage.gcs;

import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** The CRC-32C of bytes, written as the service writes it: big-endian, in base64. */
final class Checksum {
  private final CRC32C crc = new CRC32C();

  /** Adds what remains of a buffer, whose position stays. */
  void add(ByteBuffer bytes) {
    crc.update(bytes.duplicate());
  }

  /** Whether it is the one that the service tells; true when it tells none. */
  boolean isThat(@Nullable String told) {
    return told == null || told.equals(toString());
  }

  @Override
  public String toString() {
    byte[] bytes = ByteBuffer.allocate(Integer.BYTES).putInt((int) crc.getValue()).array();
    return Base64.getEncoder().encodeToString(bytes);
  }
}
