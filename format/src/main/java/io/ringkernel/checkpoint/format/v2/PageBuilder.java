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
  private final ZeroFingerprints zeros;

  PageBuilder(int blockSize, FingerprintAlgorithm algorithm) {
    this.blockSize = blockSize;
    this.algorithm = algorithm;
    this.zeros = new ZeroFingerprints(algorithm);
    this.fingerprints = new byte[Layout.BLOCKS_PER_PAGE * algorithm.length()];
  }

  /**
   * Adds the next block.
   *
   * @param location as the page tells it
   * @param values holds its fingerprint
   * @param at index in {@code values} of its first byte
   * @param rawLength raw bytes of the block: of a zero one, nobody has computed the fingerprint
   */
  void add(BlockLocation location, byte[] values, int at, int rawLength) {
    int length = algorithm.length();
    int to = locations.size() * length;
    if (location.kind() == BlockLocation.Kind.ZERO) {
      System.arraycopy(zeros.get(rawLength), 0, fingerprints, to, length);
    } else {
      System.arraycopy(values, at, fingerprints, to, length);
    }
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
