package io.ringkernel.checkpoint.core.host;

import io.ringkernel.checkpoint.BufferPool;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.OwnedBuffer;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Memory that a kernel's whole state is copied into, one part behind the other. */
final class Shadow {
  /** Bytes in one piece of pooled memory. */
  static final int PIECE = 8 << 20;

  private final List<OwnedBuffer> pieces = new ArrayList<>();

  private Shadow() {}

  /**
   * Memory for a state, acquired before the kernel is stopped: fresh memory has to be cleared.
   *
   * @throws OutOfMemoryError when there is not so much; nothing is kept then
   */
  static Shadow acquire(BufferPool pool, long size) {
    Shadow shadow = new Shadow();
    try {
      for (long left = size; left > 0; left -= PIECE) {
        shadow.pieces.add(pool.acquire());
      }
      return shadow;
    } catch (OutOfMemoryError e) {
      shadow.release();
      throw e;
    }
  }

  List<ByteBuffer> memory() {
    return pieces.stream().map(OwnedBuffer::buffer).toList();
  }

  /** All of it as content. */
  ChunkContent content() {
    return ChunkContent.of(memory());
  }

  /** Gives the memory back to the pool. Idempotent. */
  void release() {
    pieces.forEach(OwnedBuffer::close);
  }
}
