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
   * Bytes between two blocks that are read along with them: where a delta skips a block or two,
   * that costs less than another request.
   */
  private static final int MOST_BETWEEN = 128 << 10;

  /** Bytes of one read that need memory besides the target: what a pooled buffer holds. */
  private static final int MOST_STAGED = Workbench.BATCH_BYTES + Workbench.BATCH_OVERHEAD;

  /** Bytes of one read: enough to make a request to a storage far away worth its while. */
  private static final int MOST_READ = 4 << 20;

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
   * @param hasTarget false when the blocks are only to be verified
   */
  static ReadPlan of(
      IndexPage page, long chunkSize, int blockSize, long offset, long length, boolean hasTarget) {
    long pageStart = page.firstBlock() * blockSize;
    int first = (int) (Math.max(0, offset - pageStart) / blockSize);
    Map<Integer, List<Part>> byFile = new LinkedHashMap<>();
    List<Zeros> zeros = new ArrayList<>();
    for (int i = first; i < page.locations().size(); i++) {
      long blockStart = pageStart + (long) i * blockSize;
      if (blockStart - offset >= length) {
        break;
      }
      BlockLocation location = page.locations().get(i);
      int rawLength = (int) Math.min(blockSize, chunkSize - blockStart);
      int from = (int) Math.max(0, offset - blockStart);
      int to = (int) Math.min(rawLength, offset + length - blockStart);
      long targetAt = blockStart + from - offset;
      if (location.kind() == BlockLocation.Kind.ZERO) {
        addZeros(zeros, targetAt, to - from);
      } else {
        List<Part> parts = byFile.computeIfAbsent(location.ancestor(), file -> new ArrayList<>());
        parts.add(new Part(i, location, rawLength, from, to, targetAt));
      }
    }
    List<Transfer> transfers = new ArrayList<>();
    byFile.forEach((file, parts) -> cut(page, file, parts, hasTarget, transfers));
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

  /** Blocks of one file that lie close enough together go into one read. */
  private static void cut(
      IndexPage page, int file, List<Part> parts, boolean hasTarget, List<Transfer> transfers) {
    parts.sort(Comparator.comparingLong(part -> part.location().position()));
    int start = 0;
    long staged = 0;
    for (int i = 0; i < parts.size(); i++) {
      Part next = parts.get(i);
      long between = i == start ? 0 : between(parts.get(i - 1), next);
      long own = hasTarget && next.isDirect() ? 0 : next.storedLength();
      long more = between + Layout.LOCAL_HEADER_SIZE + own;
      boolean joins =
          between >= 0
              && between <= MOST_BETWEEN
              && staged + more <= MOST_STAGED
              && IndexPage.end(next.location()) - parts.get(start).location().position()
                  <= MOST_READ;
      if (i > start && !joins) {
        transfers.add(new Transfer(page, file, List.copyOf(parts.subList(start, i))));
        start = i;
        staged = 0;
        more = Layout.LOCAL_HEADER_SIZE + own;
      }
      staged += more;
    }
    transfers.add(new Transfer(page, file, List.copyOf(parts.subList(start, parts.size()))));
  }

  /** Bytes between two blocks; negative when they are not one behind the other. */
  private static long between(Part before, Part next) {
    return next.location().position() - IndexPage.end(before.location());
  }
}
