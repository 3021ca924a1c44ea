package io.ringkernel.checkpoint;

import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Buffers of one size, of which at most a fixed number are direct.
 *
 * <p>{@link #acquire} never waits: when all direct buffers are lent out, it gives heap memory,
 * which the garbage collector bounds. So a slow consumer can neither exhaust direct memory nor
 * cause a deadlock. Direct buffers are made on demand, kept for reuse, and dropped by {@link
 * #close}.
 */
public final class BufferPool implements AutoCloseable {
  private final int bufferSize;
  private final int maxDirect;
  private final ConcurrentLinkedQueue<ByteBuffer> idle = new ConcurrentLinkedQueue<>();
  private final AtomicInteger made = new AtomicInteger();
  private final AtomicInteger open = new AtomicInteger();
  private volatile boolean closed;

  /**
   * @param bufferSize bytes in each buffer, at least 1
   * @param maxDirectBytes bound on the direct memory held, at least 0
   */
  public BufferPool(int bufferSize, long maxDirectBytes) {
    if (bufferSize < 1 || maxDirectBytes < 0) {
      throw new IllegalArgumentException(
          "bufferSize must be at least 1 and maxDirectBytes at least 0, not "
              + bufferSize
              + " and "
              + maxDirectBytes);
    }
    this.bufferSize = bufferSize;
    this.maxDirect = (int) Math.min(Integer.MAX_VALUE, maxDirectBytes / bufferSize);
  }

  /** An empty buffer of {@link #bufferSize} bytes, in big-endian order; the caller owns it. */
  public OwnedBuffer acquire() {
    ByteBuffer memory = direct();
    open.incrementAndGet();
    if (memory == null) {
      return OwnedBuffer.of(ByteBuffer.allocate(bufferSize), open::decrementAndGet);
    }
    ByteBuffer returned = memory;
    return OwnedBuffer.of(
        memory.duplicate().clear(),
        () -> {
          takeBack(returned);
          open.decrementAndGet();
        });
  }

  private void takeBack(ByteBuffer memory) {
    idle.offer(memory);
    if (closed) {
      // Whether it came before or after the end saw what is idle.
      idle.clear();
    }
  }

  private @Nullable ByteBuffer direct() {
    if (closed) {
      return null;
    }
    ByteBuffer reused = idle.poll();
    if (reused != null) {
      return reused;
    }
    if (made.getAndUpdate(n -> n < maxDirect ? n + 1 : n) >= maxDirect) {
      return null;
    }
    try {
      return ByteBuffer.allocateDirect(bufferSize);
    } catch (OutOfMemoryError e) {
      // The JVM's own bound on direct memory is lower than ours: heap memory serves as well.
      made.decrementAndGet();
      return null;
    }
  }

  /**
   * Drops all direct memory: idle buffers now, those that are lent out when they come back. What is
   * acquired after that is heap memory. Idempotent.
   */
  @Override
  public void close() {
    closed = true;
    idle.clear();
  }

  /** Direct buffers that wait to be lent out again. */
  int idle() {
    return idle.size();
  }

  /** Bytes in each buffer. */
  public int bufferSize() {
    return bufferSize;
  }

  /** Buffers that were acquired and not closed yet. */
  public int open() {
    return open.get();
  }
}
