package io.ringkernel.checkpoint.core;

import java.util.List;

/**
 * What differs between two checkpoints, by the fingerprints in their indexes.
 *
 * @param before name of the one
 * @param after name of the other
 * @param blockSize raw bytes of every block but a chunk's last
 * @param chunks those of {@code after} in their order, then those that only {@code before} has;
 *     immutable
 */
public record CheckpointDiff(String before, String after, int blockSize, List<ChunkDiff> chunks) {
  /** Copies {@code chunks}. */
  public CheckpointDiff {
    chunks = List.copyOf(chunks);
  }

  /**
   * Blocks of {@code after} that differ from those at the same place in {@code before}, new ones
   * included.
   */
  public long changedBlocks() {
    return chunks.stream().mapToLong(ChunkDiff::changedBlocks).sum();
  }

  /** The raw bytes of the {@linkplain #changedBlocks changed blocks}. */
  public long changedBytes() {
    return chunks.stream().mapToLong(ChunkDiff::changedBytes).sum();
  }

  /** Whether both hold the same chunks with the same bytes. */
  public boolean isSame() {
    return chunks.stream().allMatch(chunk -> chunk.status() == ChunkDiff.Status.SAME);
  }
}
