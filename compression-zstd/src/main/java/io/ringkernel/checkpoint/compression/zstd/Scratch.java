package io.ringkernel.checkpoint.compression.zstd;

import java.nio.ByteBuffer;

/** Heap memory that is reused from call to call and grows to the largest need. */
final class Scratch {
  private static final byte[] NOTHING = new byte[0];

  private byte[] bytes = NOTHING;

  /** A buffer of exactly {@code length} bytes with undefined content, good until the next call. */
  ByteBuffer room(int length) {
    if (bytes.length < length) {
      bytes = new byte[length];
    }
    return ByteBuffer.wrap(bytes, 0, length);
  }

  /** The remaining bytes of {@code source}, which stays as it is; good until the next call. */
  ByteBuffer copyOf(ByteBuffer source) {
    ByteBuffer copy = room(source.remaining());
    copy.put(0, source, source.position(), source.remaining());
    return copy;
  }

  void release() {
    bytes = NOTHING;
  }
}
