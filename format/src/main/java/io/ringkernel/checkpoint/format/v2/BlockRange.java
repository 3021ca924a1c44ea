package io.ringkernel.checkpoint.format.v2;

import io.ringkernel.checkpoint.FingerprintAlgorithm;
import io.ringkernel.checkpoint.format.BlockLocation;
import org.jspecify.annotations.Nullable;

/**
 * Consecutive blocks of one chunk, and what becomes known of them while their batch is encoded. It
 * passes from one thread to the next with its batch.
 */
final class BlockRange {
  private final ChunkBlocks chunk;
  private final long first;
  private final @Nullable BlockLocation[] locations;
  private final byte[] fingerprints;
  private final int fingerprintLength;

  BlockRange(ChunkBlocks chunk, long first, int count, FingerprintAlgorithm algorithm) {
    this.chunk = chunk;
    this.first = first;
    this.locations = new BlockLocation[count];
    this.fingerprintLength = algorithm.length();
    this.fingerprints = new byte[count * fingerprintLength];
  }

  ChunkBlocks chunk() {
    return chunk;
  }

  int count() {
    return locations.length;
  }

  /** The number in the chunk of a block of this range. */
  long block(int inRange) {
    return first + inRange;
  }

  /** Where fingerprints are kept: of all blocks that are not zero, once these are known. */
  byte[] fingerprints() {
    return fingerprints;
  }

  /** Where in {@link #fingerprints} a block's is. */
  int fingerprintAt(int inRange) {
    return inRange * fingerprintLength;
  }

  /**
   * Where a block is stored, null while that is open: the position of one in this file is counted
   * from the start of its batch, an ancestor's index is that of the references.
   */
  @Nullable BlockLocation location(int inRange) {
    return locations[inRange];
  }

  void settle(int inRange, BlockLocation location) {
    locations[inRange] = location;
  }
}
