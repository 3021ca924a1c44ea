package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.OwnedBuffer;
import java.nio.ByteBuffer;
import java.util.List;

/** Fills buffers one after the other. */
final class Scatter {
  private final List<ByteBuffer> targets;
  private int current;
  private long taken;

  Scatter(List<ByteBuffer> targets) {
    this.targets = targets;
  }

  /** Copies a buffer's bytes, and closes it; what there is no room for only counts. */
  void take(OwnedBuffer source) {
    try (source) {
      put(source.buffer());
    }
  }

  /** Copies bytes. */
  void put(ByteBuffer source) {
    taken += source.remaining();
    while (source.hasRemaining() && current < targets.size()) {
      ByteBuffer target = targets.get(current);
      if (!target.hasRemaining()) {
        current++;
        continue;
      }
      int part = Math.min(source.remaining(), target.remaining());
      target.put(source.slice(source.position(), part));
      source.position(source.position() + part);
    }
  }

  /** Bytes that came. */
  long taken() {
    return taken;
  }
}
