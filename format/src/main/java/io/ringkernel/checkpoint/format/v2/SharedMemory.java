package io.ringkernel.checkpoint.format.v2;

import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.format.wire.Workbench;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Memory that several pieces of output stand on: it goes back where it came from when its maker and
 * the last of them have let go.
 */
final class SharedMemory {
  private final OwnedBuffer owner;
  private final ByteBuffer bytes;
  private final AtomicInteger users = new AtomicInteger(1);

  private SharedMemory(OwnedBuffer owner) {
    this.owner = owner;
    this.bytes = owner.buffer();
  }

  /** Pooled memory, or the collector's when a single large block does not fit into the pool's. */
  static SharedMemory acquire(int length, Workbench workbench) {
    return length <= workbench.buffers().bufferSize()
        ? new SharedMemory(workbench.buffers().acquire())
        : heap(length);
  }

  /** Memory for the collector to free. */
  static SharedMemory heap(int length) {
    return new SharedMemory(OwnedBuffer.unpooled(ByteBuffer.allocate(length)));
  }

  /** All of it, with a position that is the maker's to move. */
  ByteBuffer bytes() {
    return bytes;
  }

  /** A part of it, which keeps the whole until it is closed. */
  OwnedBuffer piece(int from, int to) {
    users.incrementAndGet();
    return OwnedBuffer.of(bytes.slice(from, to - from), this::release);
  }

  /** The maker, or a piece, lets go. */
  void release() {
    if (users.decrementAndGet() == 0) {
      owner.close();
    }
  }
}
