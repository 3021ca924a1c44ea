package io.ringkernel.checkpoint.core.host;

import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.OwnedBuffer;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/** Memory that a kernel's whole state is copied into, one part behind the other. */
final class Shadow {
  private final List<OwnedBuffer> pieces;
  private final Runnable released;
  private final AtomicBoolean open = new AtomicBoolean(true);

  /**
   * @param pieces owned by this
   * @param released run once, when they have been given back
   */
  Shadow(List<OwnedBuffer> pieces, Runnable released) {
    this.pieces = pieces;
    this.released = released;
  }

  List<ByteBuffer> memory() {
    return pieces.stream().map(OwnedBuffer::buffer).toList();
  }

  /** All of it as content. */
  ChunkContent content() {
    return ChunkContent.of(memory());
  }

  /** Gives the memory back. Idempotent. */
  void release() {
    if (open.compareAndSet(true, false)) {
      pieces.forEach(OwnedBuffer::close);
      released.run();
    }
  }
}
