package io.ringkernel.checkpoint;

import java.util.BitSet;

/** Which blocks of a captured chunk differ from the base it was captured against. */
public final class ChangedBlocks {
  private final int blockSize;
  private final BitSet changed;

  private ChangedBlocks(int blockSize, BitSet changed) {
    this.blockSize = blockSize;
    this.changed = changed;
  }

  /**
   * Copies a bitmap.
   *
   * @param blockSize bytes in every block but the last; at least 1
   * @param changed bit i is set when block i may differ from the base; a bit that is set needlessly
   *     only costs time
   */
  public static ChangedBlocks of(int blockSize, BitSet changed) {
    if (blockSize < 1) {
      throw new IllegalArgumentException("blockSize must be at least 1, not " + blockSize);
    }
    return new ChangedBlocks(blockSize, (BitSet) changed.clone());
  }

  /** Bytes in every block but the last. */
  public int blockSize() {
    return blockSize;
  }

  /**
   * Whether a block may differ from the base.
   *
   * @param block its number, from 0
   */
  public boolean isChanged(int block) {
    return changed.get(block);
  }

  /** How many blocks may differ. */
  public int count() {
    return changed.cardinality();
  }
}
