package io.ringkernel.checkpoint.format.v2;

import io.ringkernel.checkpoint.BlockFingerprints;
import io.ringkernel.checkpoint.FingerprintAlgorithm;
import io.ringkernel.checkpoint.format.BlockLocation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The index page that blocks are being added to. */
final class PageBuilder {
  private final int blockSize;
  private final FingerprintAlgorithm algorithm;
  private final byte[] fingerprints;
  private final List<BlockLocation> locations = new ArrayList<>();

  PageBuilder(int blockSize, FingerprintAlgorithm algorithm) {
    this.blockSize = blockSize;
    this.algorithm = algorithm;
    this.fingerprints = new byte[Layout.BLOCKS_PER_PAGE * algorithm.length()];
  }

  /**
   * Adds the next block.
   *
   * @param location as the page tells it
   * @param values holds its fingerprint
   * @param at index in {@code values} of its first byte
   */
  void add(BlockLocation location, byte[] values, int at) {
    int length = algorithm.length();
    System.arraycopy(values, at, fingerprints, locations.size() * length, length);
    locations.add(location);
  }

  boolean isFull() {
    return locations.size() == Layout.BLOCKS_PER_PAGE;
  }

  /**
   * The page of what was added, to be used before more is; afterwards this begins anew.
   *
   * @param next number in the chunk of the block behind the last one added
   */
  IndexPage finish(int chunk, long next) {
    List<BlockLocation> blocks = List.copyOf(locations);
    byte[] values = Arrays.copyOf(fingerprints, blocks.size() * algorithm.length());
    locations.clear();
    return new IndexPage(
        chunk, next - blocks.size(), blocks, BlockFingerprints.of(blockSize, algorithm, values));
  }
}
