package io.ringkernel.checkpoint.gpu.cuda;

import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import io.ringkernel.checkpoint.kernel.KernelMemory;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** What of a state is in host memory: control blocks and queues that the device maps. */
final class HostParts {
  private HostParts() {}

  /**
   * Copies them aside, one behind the other.
   *
   * @param shadow where to; null when they are not copied
   */
  static Mono<Void> copyTo(KernelDescriptor descriptor, @Nullable Shadow shadow) {
    return shadow == null
        ? Mono.empty()
        : Mono.fromRunnable(
            () -> {
              int offset = 0;
              for (KernelDescriptor.Part part : descriptor.parts()) {
                if (part.memory() instanceof KernelMemory.Host host) {
                  for (ByteBuffer memory : host.buffers()) {
                    ByteBuffer source = memory.duplicate().clear();
                    shadow.host(offset, source.remaining()).put(source);
                    offset += source.capacity();
                  }
                }
              }
            });
  }
}
