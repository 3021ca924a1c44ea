package io.ringkernel.checkpoint.storage.gcs;

import java.nio.ByteBuffer;

/** The first bytes of a save, up to one part: all of them, when it is a small one. */
final class FirstPart {
  private static final int SMALLEST = 16 << 10;

  private final int limit;
  private ByteBuffer bytes = ByteBuffer.allocate(0);

  /** Takes no more than {@code limit} bytes. */
  FirstPart(int limit) {
    this.limit = limit;
  }

  /** Takes all of a buffer, or nothing when that is too much; says which. */
  boolean takes(ByteBuffer more) {
    if (more.remaining() > limit - bytes.position()) {
      return false;
    }
    if (more.remaining() > bytes.remaining()) {
      int needed = bytes.position() + more.remaining();
      int doubled = (int) Math.min(limit, Math.max(SMALLEST, 2L * bytes.capacity()));
      bytes = ByteBuffer.allocate(Math.max(needed, doubled)).put(bytes.flip());
    }
    bytes.put(more);
    return true;
  }

  /** What was taken: an array's, from position to limit. */
  ByteBuffer bytes() {
    return bytes.duplicate().flip();
  }

  /** Gives the memory back. */
  void clear() {
    bytes = ByteBuffer.allocate(0);
  }
}
