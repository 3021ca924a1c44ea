package io.ringkernel.checkpoint.core.host;

import io.ringkernel.checkpoint.BufferPool;
import io.ringkernel.checkpoint.OwnedBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Memory for shadows, of one kernel or of all that a checkpointer copies aside: kept between
 * captures, and bounded over all that are open.
 */
final class ShadowMemory {
  private static final int PIECE = 8 << 20;

  private final long limit;

  /** Made with the first shadow, so that none is held that is not wanted any more. */
  private @Nullable BufferPool pool;

  private long used;

  /**
   * @param limit the most bytes of state in all open shadows
   */
  ShadowMemory(long limit) {
    this.limit = limit;
  }

  /** Memory for a state; null when there is no room for it. May wait for the JVM to find some. */
  @Nullable Shadow acquire(long size) {
    if (!reserve(size)) {
      return null;
    }
    BufferPool from = pool();
    List<OwnedBuffer> pieces = new ArrayList<>();
    Shadow shadow = new Shadow(pieces, () -> unreserve(size));
    try {
      for (long left = size; left > 0; left -= PIECE) {
        pieces.add(from.acquire());
      }
      return shadow;
    } catch (OutOfMemoryError e) {
      shadow.release();
      return null;
    }
  }

  private synchronized boolean reserve(long size) {
    if (size > limit - used) {
      return false;
    }
    used += size;
    return true;
  }

  private synchronized void unreserve(long size) {
    used -= size;
  }

  private synchronized BufferPool pool() {
    if (pool == null) {
      pool = new BufferPool(PIECE, limit);
    }
    return pool;
  }

  /** Lets go of what is idle; what is lent out goes when it is given back. */
  synchronized void close() {
    pool = null;
  }
}
