package io.ringkernel.checkpoint.format.v2;

import java.nio.ByteBuffer;

/** Finds blocks of zero bytes. */
final class Zeros {
  /** Stays in a core's first cache beside the block it is compared with. */
  private static final int LENGTH = 8 << 10;

  private static final ByteBuffer ZEROS = ByteBuffer.allocate(LENGTH);

  private Zeros() {}

  /** Whether all remaining bytes are zero; {@code ByteBuffer.mismatch} compares them as vectors. */
  static boolean fill(ByteBuffer block) {
    int end = block.limit();
    if (block.get(end - 1) != 0 || block.get(block.position()) != 0) {
      return false;
    }
    for (int at = block.position(); at < end; at += LENGTH) {
      int length = Math.min(LENGTH, end - at);
      if (block.slice(at, length).mismatch(ZEROS.slice(0, length)) >= 0) {
        return false;
      }
    }
    return true;
  }
}
