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
  private long given;

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

  /** The next so many bytes of it as content; to be asked for by one thread at a time. */
  ChunkContent next(long size) {
    ChunkContent part = ChunkContent.of(memory()).slice(given, size);
    given += size;
    return part;
  }

  /** Gives the memory back. Idempotent. */
  void release() {
    if (open.compareAndSet(true, false)) {
      pieces.forEach(OwnedBuffer::close);
      released.run();
    }
  }
}
