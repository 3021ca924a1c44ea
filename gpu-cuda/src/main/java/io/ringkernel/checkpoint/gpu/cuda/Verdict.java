package io.ringkernel.checkpoint.gpu.cuda;

import io.ringkernel.checkpoint.BlockFingerprints;
import io.ringkernel.checkpoint.ChangedBlocks;
import io.ringkernel.checkpoint.FingerprintAlgorithm;
import java.util.Arrays;
import java.util.BitSet;

/** What the device found when it compared a state with a base. */
final class Verdict {
  private final Comparison comparison;
  private final byte[] fresh;
  private final byte[] changed;

  /**
   * @param comparison what it compared with
   * @param fresh 16 bytes for each block of each region, in order: their fingerprints now
   * @param changed a byte for each block: not 0 when it differs
   */
  Verdict(Comparison comparison, byte[] fresh, byte[] changed) {
    this.comparison = comparison;
    this.fresh = fresh;
    this.changed = changed;
  }

  /** What the device compared with. */
  Comparison comparison() {
    return comparison;
  }

  /** The fingerprints of one region's blocks. */
  BlockFingerprints fingerprints(int first, int blocks) {
    return BlockFingerprints.of(
        comparison.blockSize(),
        FingerprintAlgorithm.XXH3_128,
        Arrays.copyOfRange(
            fresh, first * WorkTable.FINGERPRINT, (first + blocks) * WorkTable.FINGERPRINT));
  }

  /** Which of one region's blocks differ. */
  BitSet changed(int first, int blocks) {
    BitSet set = new BitSet(blocks);
    for (int i = 0; i < blocks; i++) {
      if (changed[first + i] != 0) {
        set.set(i);
      }
    }
    return set;
  }

  /** The same, as a chunk brings it. */
  ChangedBlocks changedBlocks(int first, int blocks) {
    return ChangedBlocks.of(comparison.blockSize(), changed(first, blocks));
  }
}
