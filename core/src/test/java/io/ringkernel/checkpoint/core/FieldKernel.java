package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.kernel.KernelAdapters;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import io.ringkernel.checkpoint.kernel.KernelMemory;
import io.ringkernel.checkpoint.kernel.QuiescableKernel;
import java.nio.ByteBuffer;
import java.util.Random;

/** A kernel of some blocks that can be part of a group; it changes when a test says so. */
final class FieldKernel {
  private static final int BLOCK = 64 << 10;

  private final ByteBuffer memory = ByteBuffer.allocate(4 * BLOCK);
  private final QuiescableKernel kernel;
  private long step;

  FieldKernel(String id) {
    new Random(id.hashCode()).nextBytes(memory.array());
    kernel =
        KernelAdapters.named("host")
            .adapt(
                KernelDescriptor.builder(id, "field")
                    .region("field", new KernelMemory.Host(memory))
                    .step(() -> step)
                    .standsStill()
                    .build());
  }

  QuiescableKernel kernel() {
    return kernel;
  }

  /** One step, which changes one block, so that the next save is a delta. */
  void advance() {
    step++;
    memory.putLong((int) (step % 4) * BLOCK, step);
  }

  void wipe() {
    memory.put(0, new byte[memory.capacity()]);
  }

  byte[] state() {
    return memory.array().clone();
  }
}
