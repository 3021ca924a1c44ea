package io.ringkernel.checkpoint.format;

import io.ringkernel.checkpoint.DataChunk;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Blocks that are stored already, in files that a new one may refer to. Such references make it a
 * delta.
 *
 * <p>It is called from several threads at once, and must not block.
 */
public interface BlockReferences {
  /** The files that {@link #find} may point into, 65,535 at most; constant. */
  List<Ancestor> ancestors();

  /**
   * Where a block with this fingerprint is stored.
   *
   * @param chunkIndex of the chunk being written, in the order of its checkpoint
   * @param block its number
   * @param fingerprints an array that holds its fingerprint, of the algorithm being written
   * @param at index in {@code fingerprints} of its first byte
   * @return a location whose ancestor is an index into {@link #ancestors}, or null when the block
   *     must be stored
   */
  @Nullable BlockLocation find(int chunkIndex, long block, byte[] fingerprints, int at);

  /**
   * Where a block is stored that did not change, as the kernel says ({@link
   * DataChunk#changedBlocks}). The block is then not read. If this gives null, the block is read
   * like any other.
   *
   * @param chunkIndex of the chunk being written, in the order of its checkpoint
   * @param block its number
   * @param fingerprints takes the block's fingerprint, unless the result is null
   * @param at index in {@code fingerprints} of its first byte
   * @return as with {@link #find}; null also when the kernel's changes are not since these files
   */
  default @Nullable BlockLocation unchanged(
      int chunkIndex, long block, byte[] fingerprints, int at) {
    return null;
  }

  /**
   * All blocks of one file, and of those it refers to. A block is first searched for in the same
   * place of the same chunk (by type, id and occurrence), then by its fingerprint in all of the
   * file. So what moved, was renamed or changed its order is found again.
   *
   * @param base what is stored already; its block size and algorithm must be those being written
   * @param chunks what is to be written, in order
   * @param captureKnowsBase whether the chunks' {@link DataChunk#changedBlocks} are changes since
   *     exactly this file
   */
  static BlockReferences to(BlockIndex base, List<DataChunk> chunks, boolean captureKnowsBase) {
    return new BaseReferences(base, chunks, captureKnowsBase);
  }
}
