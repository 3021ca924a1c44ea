package io.ringkernel.checkpoint.format;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Blocks that are stored already, in files that a new one may refer to: what makes it a delta.
 *
 * <p>Asked from several threads at once; must not block.
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
}
