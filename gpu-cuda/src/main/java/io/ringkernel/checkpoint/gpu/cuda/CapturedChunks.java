package io.ringkernel.checkpoint.gpu.cuda;

import io.ringkernel.checkpoint.CheckpointBuilder;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import io.ringkernel.checkpoint.kernel.KernelMemory;
import io.ringkernel.checkpoint.kernel.adapter.UseCount;
import java.util.BitSet;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** What a capture leaves to be read: the chunks, with what the device found out about them. */
final class CapturedChunks {
  private final Device device;
  private final KernelDescriptor descriptor;
  private final Failures failures;
  private final @Nullable Shadow shadow;
  private final @Nullable Verdict verdict;
  private final UseCount pieces;
  private int regionNumber;
  private int block;
  private int hostOffset;

  /**
   * @param shadow where the state was copied to; null when it is read from where it is
   * @param verdict what the comparison found; null after a full capture
   * @param pieces entered while something is read
   */
  CapturedChunks(
      Device device,
      KernelDescriptor descriptor,
      Failures failures,
      @Nullable Shadow shadow,
      @Nullable Verdict verdict,
      UseCount pieces) {
    this.device = device;
    this.descriptor = descriptor;
    this.failures = failures;
    this.shadow = shadow;
    this.verdict = verdict;
    this.pieces = pieces;
  }

  /** Adds one chunk for each part, in order; once. */
  CheckpointBuilder addTo(CheckpointBuilder checkpoint) {
    Iterator<Region> regions = device.state().regions().iterator();
    for (KernelDescriptor.Part part : descriptor.parts()) {
      boolean onHost = part.memory() instanceof KernelMemory.Host;
      DataChunk chunk = onHost ? host(part) : region(regions.next());
      String name = part.name();
      checkpoint.chunk(name == null ? chunk : chunk.withName(name));
    }
    return checkpoint;
  }

  private DataChunk host(KernelDescriptor.Part part) {
    if (shadow == null) {
      return DataChunk.of(part.type(), part.id(), ChunkContent.of(State.host(part)));
    }
    int size = (int) part.memory().size();
    ChunkContent content = ChunkContent.of(shadow.host(hostOffset, size));
    hostOffset += size;
    return DataChunk.of(part.type(), part.id(), content);
  }

  private DataChunk region(Region region) {
    KernelDescriptor.Part part = region.part();
    long address = shadow == null ? region.address() : shadow.address() + region.offset();
    Verdict found = verdict;
    if (found == null) {
      return DataChunk.of(part.type(), part.id(), content(region, address, (at, length) -> {}));
    }
    int number = regionNumber++;
    int first = block;
    int blocks = (int) region.blocks(found.comparison().blockSize());
    block += blocks;
    BitSet changed = found.changed(first, blocks);
    RegionContent.Check check =
        shadow == null
            ? (at, length) -> {}
            : (at, length) -> requireCaptured(region, changed, at, length);
    DataChunk chunk =
        DataChunk.of(part.type(), part.id(), content(region, address, check))
            .withFingerprints(Mono.fromSupplier(() -> found.fingerprints(first, blocks)));
    return found.comparison().knows(number)
        ? chunk.withChangedBlocks(found.changedBlocks(first, blocks))
        : chunk;
  }

  private ChunkContent content(Region region, long address, RegionContent.Check check) {
    return device.content(address, region.size(), pieces, failures, check);
  }

  /** Only what differs from the base was copied to the shadow. */
  private void requireCaptured(Region region, BitSet changed, long offset, long length) {
    if (length == 0 || verdict == null) {
      return;
    }
    int blockSize = verdict.comparison().blockSize();
    int last = (int) ((offset + length - 1) / blockSize);
    int unchanged = changed.nextClearBit((int) (offset / blockSize));
    if (unchanged <= last) {
      throw failures.refused(
          KernelException.Phase.CAPTURE,
          "block "
              + unchanged
              + " of "
              + region.part().label()
              + " is as in the base and was not captured: read it from the base");
    }
  }
}
