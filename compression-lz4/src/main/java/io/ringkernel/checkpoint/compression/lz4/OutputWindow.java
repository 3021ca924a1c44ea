package io.ringkernel.checkpoint.compression.lz4;

import static io.ringkernel.checkpoint.compression.lz4.Lz4FrameFormat.HISTORY;

import java.nio.ByteBuffer;

/**
 * Decoded bytes that the target had no room for yet and, in a frame of linked blocks, the 64 KiB
 * before them, which the next block may refer to.
 */
final class OutputWindow {
  private ByteBuffer bytes = ByteBuffer.allocate(0);
  private int history;
  private int from;
  private int to;

  /** Whether nothing is held back. */
  boolean isEmpty() {
    return from == to;
  }

  /** Forgets what came before: the next frame must not refer to it. */
  void forget() {
    history = 0;
  }

  /** How many bytes before the room's position a block may refer to. */
  int history() {
    return history;
  }

  /** Room for {@code length} decoded bytes, behind the history; only when nothing is held back. */
  ByteBuffer room(int length) {
    int kept = history;
    ByteBuffer roomier =
        bytes.capacity() >= kept + length ? bytes : ByteBuffer.allocate(kept + length);
    roomier.put(0, bytes, to - kept, kept);
    bytes = roomier;
    from = kept;
    to = kept;
    return bytes.duplicate().position(kept).limit(kept + length);
  }

  /** Holds the first {@code length} bytes of the {@link #room}, and gives a view of them. */
  ByteBuffer commit(int length, boolean keepHistory) {
    to = from + length;
    history = keepHistory ? Math.min(HISTORY, to) : 0;
    return bytes.duplicate().position(from).limit(to);
  }

  /** Moves as much as the target has room for. */
  void drainTo(ByteBuffer target) {
    int length = Math.min(to - from, target.remaining());
    target.put(bytes.duplicate().position(from).limit(from + length));
    from += length;
  }

  void release() {
    bytes = ByteBuffer.allocate(0);
    history = 0;
    from = 0;
    to = 0;
  }
}
