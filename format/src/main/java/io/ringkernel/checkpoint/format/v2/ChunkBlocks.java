package io.ringkernel.checkpoint.format.v2;

import io.ringkernel.checkpoint.BlockFingerprints;
import io.ringkernel.checkpoint.ChangedBlocks;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.FingerprintAlgorithm;
import io.ringkernel.checkpoint.error.KernelException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A chunk that is being written, seen as blocks. */
final class ChunkBlocks {
  private final int index;
  private final DataChunk chunk;
  private final long size;
  private final int blockSize;
  private final @Nullable BlockFingerprints brought;
  private final @Nullable ChangedBlocks changed;

  /**
   * @param index of the chunk in its checkpoint
   * @param chunk the chunk
   * @param fingerprints what it brings; used when they are of the file's kind
   */
  ChunkBlocks(
      int index,
      DataChunk chunk,
      Optional<BlockFingerprints> fingerprints,
      EncodeSettings settings) {
    this.index = index;
    this.chunk = chunk;
    this.size = chunk.size();
    this.blockSize = settings.blockSize();
    this.brought =
        fingerprints.filter(f -> isUsable(f, blockSize, settings.algorithm())).orElse(null);
    this.changed =
        chunk.changedBlocks().filter(known -> known.blockSize() == blockSize).orElse(null);
    if (brought != null && brought.count() != count()) {
      throw new KernelException(
          settings.kernelId(),
          KernelException.Phase.CAPTURE,
          this + " brings " + brought.count() + " fingerprints for its " + count() + " blocks",
          null);
    }
  }

  private static boolean isUsable(
      BlockFingerprints fingerprints, int blockSize, FingerprintAlgorithm algorithm) {
    return fingerprints.blockSize() == blockSize && fingerprints.algorithm() == algorithm;
  }

  int index() {
    return index;
  }

  ChunkContent content() {
    return chunk.content();
  }

  /** How many blocks there are. */
  long count() {
    return Layout.blocks(size, blockSize);
  }

  long offset(long block) {
    return block * blockSize;
  }

  /** Raw bytes of a block. */
  int length(long block) {
    return (int) bytes(block, 1);
  }

  /** Raw bytes of consecutive blocks. */
  long bytes(long first, int blocks) {
    return Math.min((long) blocks * blockSize, size - offset(first));
  }

  /** The fingerprints that the chunk brings and that go into the file; null: they are computed. */
  @Nullable BlockFingerprints brought() {
    return brought;
  }

  /**
   * Whether the kernel says that a block may differ from the base. Without a word from it, a
   * fingerprint that the base has as well says as much.
   */
  boolean mayDiffer(long block) {
    return changed != null && changed.isChanged((int) block);
  }

  /** Whether the kernel says that a block is as it was in the base. */
  boolean isSaidUnchanged(long block) {
    return changed != null && block <= Integer.MAX_VALUE && !changed.isChanged((int) block);
  }

  @Override
  public String toString() {
    return "chunk " + index + " (" + chunk + ")";
  }
}
