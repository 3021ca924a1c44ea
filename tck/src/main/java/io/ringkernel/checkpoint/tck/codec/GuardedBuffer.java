package io.ringkernel.checkpoint.tck.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** A buffer in the middle of memory with a known pattern, which nobody may change. */
final class GuardedBuffer {
  private static final int GUARD = 70;
  private static final byte PATTERN = 0x5A;

  private final ByteBuffer memory;
  private final ByteBuffer buffer;
  private final int length;
  private final int start;

  private GuardedBuffer(BufferKind kind, int length) {
    this.length = length;
    memory = kind.allocate(GUARD + length + GUARD);
    byte[] pattern = new byte[memory.capacity()];
    Arrays.fill(pattern, PATTERN);
    memory.put(0, pattern);
    buffer = kind.view(memory, GUARD, length);
    start = buffer.position();
  }

  /** Room for {@code length} bytes. */
  static GuardedBuffer room(BufferKind kind, int length) {
    return new GuardedBuffer(kind, length);
  }

  /** A copy of {@code content}, to be read. */
  static GuardedBuffer holding(BufferKind kind, byte[] content) {
    GuardedBuffer guarded = new GuardedBuffer(kind, content.length);
    guarded.memory.put(GUARD, content);
    return guarded;
  }

  /** The same view every time; whoever uses it moves its position. */
  ByteBuffer buffer() {
    return buffer;
  }

  /** How far the position has moved. */
  int moved() {
    return buffer.position() - start;
  }

  /** The first {@code count} bytes. */
  byte[] first(int count) {
    byte[] bytes = new byte[count];
    memory.get(GUARD, bytes);
    return bytes;
  }

  /** All bytes. */
  byte[] all() {
    return first(length);
  }

  /** Checks that nothing was written outside the view, and that its limit is where it was. */
  void assertIntact() {
    byte[] untouched = new byte[GUARD];
    Arrays.fill(untouched, PATTERN);
    byte[] found = new byte[GUARD];
    memory.get(0, found);
    assertThat(found).as("memory before the buffer").isEqualTo(untouched);
    memory.get(GUARD + length, found);
    assertThat(found).as("memory behind the buffer").isEqualTo(untouched);
    assertThat(buffer.limit()).as("limit").isEqualTo(start + length);
  }
}
