package io.ringkernel.checkpoint.format.v2;

import io.ringkernel.checkpoint.format.BlockLocation;
import io.ringkernel.checkpoint.format.v2.Transfer.Part;
import io.ringkernel.checkpoint.format.wire.Workbench;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How to get a range of a chunk's raw bytes that one index page describes: which bytes of which
 * files to read together, and where there are only zeros.
 *
 * @param transfers by file, in the order of their positions
 * @param zeros in order
 */
record ReadPlan(List<Transfer> transfers, List<Zeros> zeros) {
  /**
   * Bytes between two blocks that are read along with them: where a delta skips a compressed block,
   * that costs less than another read.
   */
  private static final int MOST_BETWEEN = 16 << 10;

  /**
   * A range of the target that is all zero.
   *
   * @param targetAt its first byte
   * @param length in bytes
   */
  record Zeros(long targetAt, long length) {}

  /**
   * Plans a range of a chunk.
   *
   * @param page that describes blocks of it
   * @param chunkSize raw bytes of the chunk
   * @param blockSize of the file
   * @param offset of the range in the chunk; it may begin in an earlier page
   * @param length of the range; it may end in a later page
   */
  static ReadPlan of(IndexPage page, long chunkSize, int blockSize, long offset, long length) {
    long pageStart = page.firstBlock() * blockSize;
    int first = (int) (Math.max(0, offset - pageStart) / blockSize);
    Map<Integer, List<Part>> byFile = new LinkedHashMap<>();
    List<Zeros> zeros = new ArrayList<>();
    for (int i = first; i < page.locations().size(); i++) {
      long blockStart = pageStart + (long) i * blockSize;
      if (blockStart - offset >= length) {
        break;
      }
      int rawLength = (int) Math.min(blockSize, chunkSize - blockStart);
      int from = (int) Math.max(0, offset - blockStart);
      int to = (int) Math.min(rawLength, offset + length - blockStart);
      long targetAt = blockStart + from - offset;
      BlockLocation location = page.locations().get(i);
      if (location.kind() == BlockLocation.Kind.ZERO) {
        addZeros(zeros, targetAt, to - from);
      } else {
        byFile
            .computeIfAbsent(location.ancestor(), file -> new ArrayList<>())
            .add(new Part(i, location, rawLength, from, to, targetAt));
      }
    }
    List<Transfer> transfers = new ArrayList<>();
    byFile.forEach((file, parts) -> cut(page, file, parts, transfers));
    return new ReadPlan(transfers, zeros);
  }

  private static void addZeros(List<Zeros> zeros, long targetAt, int length) {
    int last = zeros.size() - 1;
    if (last >= 0 && zeros.get(last).targetAt + zeros.get(last).length == targetAt) {
      zeros.set(last, new Zeros(zeros.get(last).targetAt, zeros.get(last).length + length));
    } else {
      zeros.add(new Zeros(targetAt, length));
    }
  }

  /** Blocks of one file that lie close enough together go into one read, up to a batch. */
  private static void cut(IndexPage page, int file, List<Part> parts, List<Transfer> transfers) {
    parts.sort(Comparator.comparingLong(part -> part.location().position()));
    int start = 0;
    for (int i = 1; i <= parts.size(); i++) {
      if (i == parts.size() || !joins(parts.get(start), parts.get(i - 1), parts.get(i))) {
        transfers.add(new Transfer(page, file, List.copyOf(parts.subList(start, i))));
        start = i;
      }
    }
  }

  private static boolean joins(Part first, Part last, Part next) {
    long between = next.location().position() - IndexPage.end(last.location());
    long length = IndexPage.end(next.location()) - first.location().position();
    return between >= 0
        && between <= MOST_BETWEEN
        && length <= Workbench.BATCH_BYTES + Workbench.BATCH_OVERHEAD;
  }
}
