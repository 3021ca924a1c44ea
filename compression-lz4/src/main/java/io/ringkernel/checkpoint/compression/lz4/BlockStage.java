package io.ringkernel.checkpoint.compression.lz4;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Makes stored blocks whole: where one lies in the source in one piece it is used there, otherwise
 * its pieces are gathered.
 */
final class BlockStage {
  private ByteBuffer gathered = ByteBuffer.allocate(0);

  /**
   * Takes the next {@code length} bytes of the stream.
   *
   * @param source consumed as far as needed
   * @param length the same in every call until the bytes are there
   * @return exactly those bytes, good until the next call, or null when the source ends before them
   */
  @Nullable ByteBuffer take(ByteBuffer source, int length) {
    if (gathered.position() == 0
        && source.remaining() >= length
        && ReachableSource.isReachable(source)) {
      ByteBuffer whole = source.duplicate().limit(source.position() + length);
      source.position(whole.limit());
      return whole;
    }
    if (gathered.capacity() < length) {
      // Nothing is gathered yet: the length is known from the first call on.
      gathered = ByteBuffer.allocate(length);
    }
    int limit = source.limit();
    source.limit(source.position() + Math.min(source.remaining(), length - gathered.position()));
    gathered.put(source);
    source.limit(limit);
    if (gathered.position() < length) {
      return null;
    }
    ByteBuffer whole = gathered.duplicate().flip();
    gathered.clear();
    return whole;
  }

  void release() {
    gathered = ByteBuffer.allocate(0);
  }
}
