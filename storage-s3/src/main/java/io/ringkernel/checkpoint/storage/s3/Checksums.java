package io.ringkernel.checkpoint.storage.s3;

import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.zip.CRC32C;

/** CRC32C as the service writes it: four bytes, the highest first, in base64. */
final class Checksums {
  private Checksums() {}

  static String base64(CRC32C crc) {
    byte[] bytes = ByteBuffer.allocate(Integer.BYTES).putInt((int) crc.getValue()).array();
    return Base64.getEncoder().encodeToString(bytes);
  }

  static String base64(ByteBuffer whole) {
    CRC32C crc = new CRC32C();
    crc.update(whole.duplicate());
    return base64(crc);
  }
}
