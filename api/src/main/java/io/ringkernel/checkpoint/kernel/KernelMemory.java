package io.ringkernel.checkpoint.kernel;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * Where a piece of a kernel's state is. More kinds may be added: an adapter needs a default, in
 * which it refuses those that it doesn't know.
 */
public sealed interface KernelMemory {
  /** Bytes. */
  long size();

  /**
   * Memory that the JVM can address, in one or more pieces, one after the other.
   *
   * @param buffers writable, heap or direct; each from its position to its limit
   */
  record Host(List<ByteBuffer> buffers) implements KernelMemory {
    /**
     * Takes the buffers' windows as they are now.
     *
     * @throws IllegalArgumentException when one is read-only: it could not be restored
     */
    public Host {
      if (buffers.stream().anyMatch(ByteBuffer::isReadOnly)) {
        throw new IllegalArgumentException(
            "a kernel's memory is written to: it can't be read-only");
      }
      buffers = buffers.stream().map(ByteBuffer::slice).toList();
    }

    /**
     * One buffer.
     *
     * @param buffer writable, from its position to its limit
     */
    public Host(ByteBuffer buffer) {
      this(List.of(buffer));
    }

    @Override
    public long size() {
      return buffers.stream().mapToLong(ByteBuffer::capacity).sum();
    }
  }

  /**
   * Memory that a device's driver addresses.
   *
   * @param address the device pointer
   * @param size bytes, at least 0
   */
  record Device(long address, long size) implements KernelMemory {
    /**
     * @throws IllegalArgumentException when the size is negative
     */
    public Device {
      if (size < 0) {
        throw new IllegalArgumentException("size must be at least 0, not " + size);
      }
    }
  }
}
