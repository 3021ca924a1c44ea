package io.ringkernel.checkpoint.format.v2;

import java.io.ByteArrayOutputStream;
import java.util.Random;

/** Contents for tests. */
final class Bytes {
  private Bytes() {}

  /** Bytes that don't compress; the same for the same seed. */
  static byte[] random(int length, long seed) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  /** Bytes in long runs, none of them zero. */
  static byte[] runs(int length, long seed) {
    byte[] bytes = new byte[length];
    Random random = new Random(seed);
    byte value = 1;
    for (int i = 0; i < length; i++) {
      if (random.nextInt(100) == 0) {
        value = (byte) (1 + random.nextInt(255));
      }
      bytes[i] = value;
    }
    return bytes;
  }

  static byte[] join(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }
}
