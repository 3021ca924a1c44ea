package io.ringkernel.checkpoint;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Bytes in pooled, pinned or otherwise reusable memory, with exactly one owner at a time.
 *
 * <p>Ownership passes with {@code onNext}. Whoever holds one last closes it; whoever drops one
 * closes it ({@code doOnDiscard(OwnedBuffer.class, OwnedBuffer::close)}). The {@link ByteBuffer}
 * must not be touched after {@link #close}: its memory may be somebody else's by then.
 */
public final class OwnedBuffer implements AutoCloseable {
  private final ByteBuffer buffer;
  private final AtomicReference<@Nullable Runnable> release;

  private OwnedBuffer(ByteBuffer buffer, Runnable release) {
    this.buffer = buffer;
    this.release = new AtomicReference<>(release);
  }

  /**
   * Memory that goes back somewhere.
   *
   * @param buffer the bytes, from position to limit
   * @param release run once, by the first {@link #close}, on the closing thread; must not block
   */
  public static OwnedBuffer of(ByteBuffer buffer, Runnable release) {
    return new OwnedBuffer(buffer, release);
  }

  /**
   * Memory that need not be given back: left to the garbage collector, or owned by something that
   * outlives this.
   *
   * @param buffer the bytes, from position to limit
   */
  public static OwnedBuffer unpooled(ByteBuffer buffer) {
    return new OwnedBuffer(buffer, OwnedBuffer::leave);
  }

  /**
   * The bytes, from position to limit. The owner may move both.
   *
   * @throws IllegalStateException after {@link #close}
   */
  public ByteBuffer buffer() {
    if (release.get() == null) {
      throw new IllegalStateException("this buffer was closed: its memory may be reused already");
    }
    return buffer;
  }

  /** Gives the memory back; idempotent. */
  @Override
  public void close() {
    Runnable once = release.getAndSet(null);
    if (once != null) {
      once.run();
    }
  }

  /** Releasing what nobody waits for. */
  private static void leave() {}
}
