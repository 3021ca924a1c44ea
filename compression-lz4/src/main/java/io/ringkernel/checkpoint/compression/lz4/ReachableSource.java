package io.ringkernel.checkpoint.compression.lz4;

import java.nio.ByteBuffer;

/**
 * Sources as native code can reach them: as they are, or copied into scratch memory when they are
 * read-only heap buffers, whose array is hidden.
 */
final class ReachableSource {
  private static final byte[] NOTHING = new byte[0];

  private byte[] scratch = NOTHING;

  /** Whether native code reaches the buffer's memory without help. */
  static boolean isReachable(ByteBuffer buffer) {
    return buffer.isDirect() || buffer.hasArray();
  }

  /** The remaining bytes of {@code source}, which stays as it is; good until the next call. */
  ByteBuffer of(ByteBuffer source) {
    if (isReachable(source)) {
      return source;
    }
    int length = source.remaining();
    if (scratch.length < length) {
      scratch = new byte[length];
    }
    source.get(source.position(), scratch, 0, length);
    return ByteBuffer.wrap(scratch, 0, length);
  }

  void release() {
    scratch = NOTHING;
  }
}
