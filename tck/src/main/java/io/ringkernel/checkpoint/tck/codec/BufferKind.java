package io.ringkernel.checkpoint.tck.codec;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The kinds of memory and of views that a caller may hand to a codec. */
enum BufferKind {
  HEAP(false, false, false),
  HEAP_SLICE(false, true, false),
  DIRECT(true, false, false),
  DIRECT_SLICE(true, true, false),
  READ_ONLY_HEAP(false, true, true),
  READ_ONLY_DIRECT(true, true, true);

  private final boolean direct;
  private final boolean sliced;
  private final boolean readOnly;

  BufferKind(boolean direct, boolean sliced, boolean readOnly) {
    this.direct = direct;
    this.sliced = sliced;
    this.readOnly = readOnly;
  }

  /** Whether it can be a target. */
  boolean isWritable() {
    return !readOnly;
  }

  ByteBuffer allocate(int capacity) {
    return direct ? ByteBuffer.allocateDirect(capacity) : ByteBuffer.allocate(capacity);
  }

  /**
   * A view of {@code length} bytes of {@code memory} from index {@code at}, with its position above
   * 0 and its limit below the capacity, when there is space around them.
   */
  ByteBuffer view(ByteBuffer memory, int at, int length) {
    // A slice begins at half the space before the bytes: its own index 0 is not the memory's.
    int base = sliced ? at / 2 : 0;
    ByteBuffer view = memory.slice(base, memory.capacity() - base);
    // Nor may a codec lean on the byte order that its caller happens to use.
    view.order(sliced ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    view.position(at - base).limit(at - base + length);
    return readOnly ? view.asReadOnlyBuffer() : view;
  }
}
