package io.ringkernel.checkpoint.storage.memory;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * Bytes in a chain of arrays, so that they may exceed what one array holds. Filled by one thread,
 * then never changed.
 */
final class SegmentedBytes {
  private static final int SMALLEST = 4 << 10;
  private static final int LARGEST = 1 << 20;

  private final List<byte[]> segments = new ArrayList<>();

  /** starts.get(i) is the offset of segment i. */
  private final List<Long> starts = new ArrayList<>();

  private long size;

  /** Copies what remains of a buffer to the end. */
  void append(ByteBuffer source) {
    while (source.hasRemaining()) {
      int used = segments.isEmpty() ? 0 : (int) (size - starts.get(segments.size() - 1));
      if (segments.isEmpty() || used == segments.get(segments.size() - 1).length) {
        // As much again as there is: a small object takes a small segment, a large one few.
        segments.add(new byte[(int) Math.max(SMALLEST, Math.min(size, LARGEST))]);
        starts.add(size);
        used = 0;
      }
      byte[] segment = segments.get(segments.size() - 1);
      int length = Math.min(source.remaining(), segment.length - used);
      source.get(segment, used, length);
      size += length;
    }
  }

  /** Gives back what the last segment has not used; nothing may be appended afterwards. */
  SegmentedBytes trimmed() {
    if (!segments.isEmpty()) {
      int last = segments.size() - 1;
      int used = (int) (size - starts.get(last));
      segments.set(last, Arrays.copyOf(segments.get(last), used));
    }
    return this;
  }

  long size() {
    return size;
  }

  /** Fills {@code target} from {@code offset}, as far as both reach. */
  void read(long offset, ByteBuffer target) {
    long at = offset;
    while (target.hasRemaining() && at < size) {
      int segment = segmentAt(at);
      int from = (int) (at - starts.get(segment));
      byte[] bytes = segments.get(segment);
      int length = Math.min(target.remaining(), bytes.length - from);
      target.put(bytes, from, length);
      at += length;
    }
  }

  private int segmentAt(long offset) {
    int found = Collections.binarySearch(starts, offset);
    return found >= 0 ? found : -found - 2;
  }
}
