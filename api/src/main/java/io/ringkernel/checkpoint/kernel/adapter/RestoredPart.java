package io.ringkernel.checkpoint.kernel.adapter;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import java.util.ArrayList;
import java.util.List;

/**
 * A piece of a kernel's state, and the content of a checkpoint that goes there.
 *
 * @param part where it goes
 * @param content exactly as many bytes
 */
public record RestoredPart(KernelDescriptor.Part part, ChunkContent content) {
  /**
   * All pieces of a kernel, in the order of its description.
   *
   * @param descriptor of the kernel
   * @param checkpoint to be restored
   * @return a piece for each part, and for each chunk
   * @throws KernelException when the checkpoint is not exactly of this kernel's type and layout
   */
  public static List<RestoredPart> match(KernelDescriptor descriptor, Checkpoint checkpoint) {
    if (!checkpoint.metadata().kernelType().equals(descriptor.kernelType())) {
      throw refused(
          descriptor,
          "the checkpoint is of type '"
              + checkpoint.metadata().kernelType()
              + "', the kernel of type '"
              + descriptor.kernelType()
              + "'",
          "only a kernel of the checkpoint's type can take it over");
    }
    List<DataChunk> left = new ArrayList<>(checkpoint.chunks());
    List<RestoredPart> parts = new ArrayList<>();
    for (KernelDescriptor.Part part : descriptor.parts()) {
      parts.add(new RestoredPart(part, take(descriptor, left, part).content()));
    }
    if (!left.isEmpty()) {
      throw unlike(
          descriptor,
          "the checkpoint has " + label(left.get(0)) + ", for which the kernel has no place");
    }
    return parts;
  }

  private static DataChunk take(
      KernelDescriptor descriptor, List<DataChunk> left, KernelDescriptor.Part part) {
    DataChunk found =
        left.stream()
            .filter(chunk -> chunk.type().equals(part.type()) && chunk.id() == part.id())
            .findFirst()
            .orElseThrow(() -> unlike(descriptor, "the checkpoint has no " + part.label()));
    if (found.size() != part.memory().size()) {
      throw unlike(
          descriptor,
          part.label()
              + " has "
              + found.size()
              + " bytes in the checkpoint and "
              + part.memory().size()
              + " in the kernel");
    }
    left.remove(found);
    return found;
  }

  private static String label(DataChunk chunk) {
    return chunk.name().map(name -> "region '" + name + "'").orElseGet(chunk::toString);
  }

  /** Which parts there are is the application's to say: no option makes them fit. */
  private static KernelException unlike(KernelDescriptor descriptor, String difference) {
    return refused(
        descriptor,
        difference,
        "describe the kernel by the parts that the checkpoint has, or restore one that was taken of"
            + " these parts");
  }

  private static KernelException refused(
      KernelDescriptor descriptor, String reason, String advice) {
    return new KernelException(
        descriptor.kernelId(),
        KernelException.Phase.RESTORE,
        reason + "; it was not touched: " + advice,
        null);
  }
}
