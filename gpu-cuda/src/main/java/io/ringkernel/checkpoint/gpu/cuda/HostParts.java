package io.ringkernel.checkpoint.gpu.cuda;

import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import io.ringkernel.checkpoint.kernel.KernelMemory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What of a state is in host memory: control blocks and queues that the device maps. */
final class HostParts {
  private HostParts() {}

  /**
   * Copies them aside, one behind the other.
   *
   * @param shadow where to; null when they are not copied
   * @return copies them; to be run once
   */
  static Runnable copyTo(KernelDescriptor descriptor, @Nullable Shadow shadow) {
    if (shadow == null) {
      return () -> {};
    }
    List<ByteBuffer> sources = new ArrayList<>();
    List<ByteBuffer> targets = new ArrayList<>();
    int offset = 0;
    for (KernelDescriptor.Part part : descriptor.parts()) {
      if (part.memory() instanceof KernelMemory.Host) {
        for (ByteBuffer memory : State.host(part)) {
          sources.add(memory.duplicate().clear());
          targets.add(shadow.host(offset, memory.capacity()));
          offset += memory.capacity();
        }
      }
    }
    return () -> {
      for (int i = 0; i < sources.size(); i++) {
        targets.get(i).put(sources.get(i));
      }
    };
  }
}
