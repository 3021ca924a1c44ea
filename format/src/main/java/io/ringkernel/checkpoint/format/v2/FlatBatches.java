package io.ringkernel.checkpoint.format.v2;

import io.ringkernel.checkpoint.format.BlockLocation;
import java.util.ArrayList;
import java.util.List;

/** The blocks of one index page, laid out one behind the other in a new file. */
final class FlatBatches {
  /** Enough that blocks of one file that lie together are mostly read together. */
  private static final int BATCH_BYTES = 4 << 20;

  private final List<FlatBatch> batches = new ArrayList<>();
  private final List<BlockLocation> locations = new ArrayList<>();
  private long position;
  private long stored;
  private long rawSize;

  /**
   * @param page as it stands in the old file
   * @param outline of that file
   * @param start in the new file of its first block
   */
  FlatBatches(IndexPage page, Outline outline, long start) {
    this.position = start;
    int blockSize = outline.header().blockSize();
    long chunkSize = outline.directory().chunks().get(page.chunk()).size();
    FlatBatch batch = new FlatBatch(page);
    for (int i = 0; i < page.locations().size(); i++) {
      BlockLocation old = page.locations().get(i);
      if (old.kind() == BlockLocation.Kind.ZERO) {
        locations.add(old);
        continue;
      }
      int section = Layout.LOCAL_HEADER_SIZE + old.storedLength();
      if (batch.length() > 0 && batch.length() > BATCH_BYTES - section) {
        batches.add(batch);
        batch = new FlatBatch(page);
      }
      batch.add(i);
      locations.add(moved(old));
      position += section;
      stored += old.storedLength();
      rawSize += Math.min(blockSize, chunkSize - (page.firstBlock() + i) * blockSize);
    }
    if (batch.length() > 0) {
      batches.add(batch);
    }
  }

  private BlockLocation moved(BlockLocation old) {
    return new BlockLocation(
        old.kind(), BlockLocation.HERE, position, old.storedLength(), old.codec(), old.crc32());
  }

  /** What to copy, in order. */
  List<FlatBatch> batches() {
    return batches;
  }

  /** Where each of the page's blocks is in the new file. */
  List<BlockLocation> locations() {
    return locations;
  }

  /** Position behind the last block in the new file. */
  long end() {
    return position;
  }

  /** Payload bytes. */
  long stored() {
    return stored;
  }

  /** Raw bytes of the blocks that are stored. */
  long rawSize() {
    return rawSize;
  }
}
