package io.ringkernel.checkpoint.gpu.cuda;

import io.ringkernel.checkpoint.ChunkType;
import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import io.ringkernel.checkpoint.kernel.KernelMemory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What a description names, sorted by where it is.
 *
 * @param regions in device memory, in the order of the description
 * @param shadowBytes what a copy of all regions takes
 * @param hostBytes of all parts in host memory
 */
record State(List<Region> regions, long shadowBytes, long hostBytes) {
  static State of(KernelDescriptor descriptor, Failures failures) {
    List<Region> regions = new ArrayList<>();
    Set<Long> ids = new HashSet<>();
    long offset = 0;
    long hostBytes = 0;
    for (int i = 0; i < descriptor.parts().size(); i++) {
      KernelDescriptor.Part part = descriptor.parts().get(i);
      if (part.type().equals(ChunkType.DEVICE_MEMORY) && !ids.add(part.id())) {
        throw failures.refused(
            KernelException.Phase.ADAPT, part.label() + " is there twice; rename one of them");
      }
      if (part.memory() instanceof KernelMemory.Host host) {
        hostBytes += host.size();
      } else {
        Region region = Region.of(i, part, offset);
        if (region.address() == 0 && region.size() > 0) {
          throw failures.refused(
              KernelException.Phase.ADAPT, part.label() + " has no device address");
        }
        regions.add(region);
        offset = region.end();
      }
    }
    if (hostBytes > Integer.MAX_VALUE) {
      throw failures.refused(
          KernelException.Phase.ADAPT,
          hostBytes + " bytes of state are in host memory; at most 2 GiB can be set aside there");
    }
    return new State(List.copyOf(regions), offset, hostBytes);
  }

  /** Blocks of this size in all regions. */
  long blocks(int blockSize) {
    return regions.stream().mapToLong(region -> region.blocks(blockSize)).sum();
  }

  /** The memory of a part that is in host memory. */
  static List<ByteBuffer> host(KernelDescriptor.Part part) {
    return ((KernelMemory.Host) part.memory()).buffers();
  }
}
