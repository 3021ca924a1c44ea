package io.ringkernel.checkpoint.core.host;

import io.ringkernel.checkpoint.ChunkType;
import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.kernel.AdaptedKernel;
import io.ringkernel.checkpoint.kernel.KernelAdapterProvider;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import io.ringkernel.checkpoint.kernel.KernelMemory;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The adapter {@code "host"}, for descriptions all of whose memory the JVM can address. Its options
 * are those of {@link HostOptions}.
 */
public final class HostKernelAdapterProvider implements KernelAdapterProvider {
  /** For {@link java.util.ServiceLoader}. */
  public HostKernelAdapterProvider() {}

  @Override
  public String name() {
    return "host";
  }

  @Override
  public Optional<String> unavailable() {
    return Optional.empty();
  }

  @Override
  public AdaptedKernel adapt(KernelDescriptor descriptor) {
    Map<Long, KernelDescriptor.Part> regions = new HashMap<>();
    for (KernelDescriptor.Part part : descriptor.parts()) {
      if (!(part.memory() instanceof KernelMemory.Host)) {
        throw refused(
            descriptor, part.label() + " is in device memory; use the adapter of its device: cuda");
      }
      if (part.type().equals(ChunkType.DEVICE_MEMORY)
          && regions.putIfAbsent(part.id(), part) != null) {
        throw refused(descriptor, part.label() + " is there twice; rename one of them");
      }
    }
    return new HostKernel(StateAccess.of(descriptor, HostOptions.of(descriptor)));
  }

  private static KernelException refused(KernelDescriptor descriptor, String reason) {
    return new KernelException(descriptor.kernelId(), KernelException.Phase.ADAPT, reason, null);
  }
}
