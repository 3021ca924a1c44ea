package io.ringkernel.checkpoint.format.v2;

import io.ringkernel.checkpoint.BlockFingerprints;
import io.ringkernel.checkpoint.format.BlockLocation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** An {@link IndexPage} in arrays: what a cache can hold for hundreds of thousands of blocks. */
final class CompactPage {
  /** Of the page and its arrays, beside what they hold. */
  private static final int OVERHEAD = 256;

  private static final int BYTES_PER_RUN = Integer.BYTES + 1 + Integer.BYTES + Long.BYTES;
  private static final int BYTES_PER_ENTRY = Long.BYTES + Integer.BYTES + Integer.BYTES + 1;

  private final BlockFingerprints fingerprints;
  private final int[] starts;
  private final byte[] kinds;
  private final int[] ancestors;
  private final long[] positions;
  private final @Nullable Entries entries;

  /** What is told of each block where at least one is compressed. */
  private static final class Entries {
    final long[] positions;
    final int[] lengths;
    final int[] crc32s;
    final byte[] codecs;

    Entries(List<BlockLocation> blocks) {
      int count = blocks.size();
      this.positions = new long[count];
      this.lengths = new int[count];
      this.crc32s = new int[count];
      this.codecs = new byte[count];
      for (int i = 0; i < count; i++) {
        BlockLocation block = blocks.get(i);
        positions[i] = block.position();
        lengths[i] = block.storedLength();
        crc32s[i] = block.crc32();
        codecs[i] = (byte) block.codec();
      }
    }
  }

  /**
   * Takes a page over.
   *
   * @param page whose fingerprints are shared, not copied
   */
  CompactPage(IndexPage page) {
    List<BlockLocation> blocks = page.locations();
    this.fingerprints = page.fingerprints();
    int runs = 0;
    int[] first = new int[blocks.size()];
    boolean compressed = false;
    for (int i = 0; i < blocks.size(); i++) {
      compressed |= blocks.get(i).kind() == BlockLocation.Kind.COMPRESSED;
      if (i == 0 || !goesOn(blocks.get(i - 1), blocks.get(i))) {
        first[runs++] = i;
      }
    }
    this.starts = Arrays.copyOf(first, runs);
    this.kinds = new byte[runs];
    this.ancestors = new int[runs];
    this.positions = new long[runs];
    for (int run = 0; run < runs; run++) {
      BlockLocation block = blocks.get(starts[run]);
      kinds[run] = (byte) IndexPage.kind(block);
      ancestors[run] = block.ancestor();
      positions[run] = block.position();
    }
    this.entries = compressed ? new Entries(blocks) : null;
  }

  private static boolean goesOn(BlockLocation before, BlockLocation next) {
    return next.kind() == before.kind()
        && next.ancestor() == before.ancestor()
        && (next.kind() == BlockLocation.Kind.ZERO || next.position() == IndexPage.end(before));
  }

  int count() {
    return fingerprints.count();
  }

  BlockFingerprints fingerprints() {
    return fingerprints;
  }

  /**
   * Where a block is.
   *
   * @param block its number in the page
   * @param rawLength its raw bytes
   * @param blockSize raw bytes of those before it
   */
  BlockLocation location(int block, int rawLength, int blockSize) {
    int found = Arrays.binarySearch(starts, block);
    int run = found >= 0 ? found : -found - 2;
    return switch (kinds[run]) {
      case IndexPage.ZERO -> BlockLocation.ZERO;
      case IndexPage.RAW_HERE, IndexPage.RAW_FOREIGN ->
          new BlockLocation(
              BlockLocation.Kind.RAW,
              ancestors[run],
              positions[run]
                  + (long) (block - starts[run]) * (Layout.LOCAL_HEADER_SIZE + blockSize),
              rawLength,
              0,
              0);
      default -> compressed(block, ancestors[run]);
    };
  }

  private BlockLocation compressed(int block, int ancestor) {
    Entries all = Objects.requireNonNull(entries);
    return new BlockLocation(
        BlockLocation.Kind.COMPRESSED,
        ancestor,
        all.positions[block],
        all.lengths[block],
        all.codecs[block] & 0xFF,
        all.crc32s[block]);
  }

  /** Bytes of a file that one run of blocks takes. */
  record Stretch(int ancestor, long position, long end) {}

  /** The stretches that hold its blocks, in the order of the blocks. */
  List<Stretch> stretches(int blockSize, int lastLength) {
    List<Stretch> stretches = new ArrayList<>();
    for (int run = 0; run < starts.length; run++) {
      if (kinds[run] != IndexPage.ZERO) {
        int last = (run + 1 < starts.length ? starts[run + 1] : count()) - 1;
        int length = last == count() - 1 ? lastLength : blockSize;
        long end = IndexPage.end(location(last, length, blockSize));
        stretches.add(new Stretch(ancestors[run], positions[run], end));
      }
    }
    return stretches;
  }

  /** Bytes of memory. */
  long weight() {
    return OVERHEAD
        + (long) fingerprints.count() * fingerprints.algorithm().length()
        + (long) starts.length * BYTES_PER_RUN
        + (entries == null ? 0 : (long) fingerprints.count() * BYTES_PER_ENTRY);
  }
}
