package io.ringkernel.checkpoint.compression.zstd;

import io.ringkernel.checkpoint.error.LimitExceededException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Reads along the head of each frame in a stream and refuses a window above a limit, with its size
 * and the remedy; native code, limited as well, would tell neither, and not every time.
 */
final class WindowLimit {
  private final long limit;
  private final ByteBuffer head =
      ByteBuffer.allocate(FrameHead.LONGEST).order(ByteOrder.LITTLE_ENDIAN);

  /** Whether the frame at hand needs no more looking at. */
  private boolean judged;

  WindowLimit(long limit) {
    this.limit = limit;
  }

  /**
   * Looks at the bytes that the stream is about to consume.
   *
   * @param source stays as it is; what it holds of a head is consumed before the next call
   */
  void check(ByteBuffer source) {
    for (int at = source.position(); !judged && at < source.limit(); at++) {
      head.put(source.get(at));
      judged = judge();
    }
  }

  /** Begins anew, with the next frame's head. */
  void nextFrame() {
    head.clear();
    judged = false;
  }

  private boolean judge() {
    if (head.position() < FrameHead.SHORTEST) {
      return false;
    }
    if (head.getInt(0) != FrameHead.MAGIC) {
      // Skippable, or nothing that native code will accept.
      return true;
    }
    if (head.position() < FrameHead.length(head.get(FrameHead.MAGIC_LENGTH))) {
      return false;
    }
    long window = FrameHead.parse(head, 0).windowSize();
    if (Long.compareUnsigned(window, limit) > 0) {
      throw new LimitExceededException(
          "the window of the zstd frame",
          window,
          limit,
          "recompress it with zstd -19 or a lower level, without --ultra and --long");
    }
    return true;
  }
}
