package io.ringkernel.checkpoint.gpu.cuda;

import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import io.ringkernel.checkpoint.kernel.KernelMemory;

/**
 * A piece of state in device memory, and its place among the others.
 *
 * @param index of the part in the description
 * @param part as described
 * @param address where it is on the device
 * @param size bytes
 * @param offset of its copy in a shadow: a multiple of {@link #ALIGNMENT}
 */
record Region(int index, KernelDescriptor.Part part, long address, long size, long offset) {
  /** Copies begin where a device reads fastest. */
  static final int ALIGNMENT = 256;

  static Region of(int index, KernelDescriptor.Part part, long offset) {
    KernelMemory.Device memory = (KernelMemory.Device) part.memory();
    return new Region(index, part, memory.address(), memory.size(), offset);
  }

  /** Where the next region's copy begins. */
  long end() {
    return offset + (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  /** Blocks of this size, the last of which may be shorter. */
  long blocks(int blockSize) {
    return size / blockSize + (size % blockSize == 0 ? 0 : 1);
  }
}
