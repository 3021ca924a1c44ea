package io.ringkernel.checkpoint.format.v2;

import io.ringkernel.checkpoint.OwnedBuffer;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Output in the making: what lies back to back in one memory becomes one piece. One thread at a
 * time.
 */
final class Pieces implements AutoCloseable {
  private final Deque<OwnedBuffer> done = new ArrayDeque<>();
  private long length;

  /** The piece that may still grow. */
  private @Nullable SharedMemory memory;

  private int from;
  private int to;

  /** Adds bytes of memory that outlives its maker's use of it. */
  void add(SharedMemory source, int start, int end) {
    if (memory != source || to != start) {
      cut();
      memory = source;
      from = start;
    }
    to = end;
    length += end - start;
  }

  /** Adds bytes that outlive the output. */
  void add(ByteBuffer view) {
    cut();
    done.add(OwnedBuffer.unpooled(view));
    length += view.remaining();
  }

  /** Bytes added so far. */
  long length() {
    return length;
  }

  /** All pieces, in order; the caller owns them. */
  Deque<OwnedBuffer> finish() {
    cut();
    return done;
  }

  /** Drops what was added. */
  @Override
  public void close() {
    memory = null;
    done.forEach(OwnedBuffer::close);
    done.clear();
  }

  private void cut() {
    if (memory != null) {
      done.add(memory.piece(from, to));
      memory = null;
    }
  }
}
