package io.ringkernel.checkpoint.format.v2;

import io.ringkernel.checkpoint.format.BlockLocation;
import io.ringkernel.checkpoint.format.v2.Transfer.Part;
import io.ringkernel.checkpoint.format.wire.Workbench;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Makes a {@link ReadPlan} for blocks that are added in order. */
final class ReadPlanner {
  /**
   * Bytes between two blocks that are read along with them: where a delta skips a block or two,
   * that costs less than another request.
   */
  static final int MOST_BETWEEN = 128 << 10;

  /** Bytes of one read that need memory besides the target: what a pooled buffer holds. */
  private static final int MOST_STAGED = Workbench.BATCH_BYTES + Workbench.BATCH_OVERHEAD;

  /** Bytes of one read: enough to make a request to a storage far away worth its while. */
  static final int MOST_READ = 4 << 20;

  private final int blockSize;
  private final boolean hasTarget;
  private final Map<Integer, List<Part>> byFile = new LinkedHashMap<>();
  private final List<ReadPlan.Zeros> zeros = new ArrayList<>();

  /**
   * @param hasTarget false when the blocks are only to be verified
   */
  ReadPlanner(int blockSize, boolean hasTarget) {
    this.blockSize = blockSize;
    this.hasTarget = hasTarget;
  }

  /** Adds what a page describes of a range of its chunk. */
  void add(IndexPage page, long chunkSize, long offset, long length) {
    long pageStart = page.firstBlock() * blockSize;
    int first = (int) (Math.max(0, offset - pageStart) / blockSize);
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
        addZeros(targetAt, to - from);
      } else {
        byFile
            .computeIfAbsent(location.ancestor(), file -> new ArrayList<>())
            .add(new Part(page, i, rawLength, from, to, targetAt));
      }
    }
  }

  private void addZeros(long targetAt, int length) {
    int last = zeros.size() - 1;
    if (last >= 0 && zeros.get(last).targetAt() + zeros.get(last).length() == targetAt) {
      ReadPlan.Zeros before = zeros.remove(last);
      zeros.add(new ReadPlan.Zeros(before.targetAt(), before.length() + length));
    } else {
      zeros.add(new ReadPlan.Zeros(targetAt, length));
    }
  }

  /** What was added. */
  ReadPlan plan() {
    List<Transfer> transfers = new ArrayList<>();
    byFile.forEach((file, parts) -> cut(file, parts, transfers));
    return new ReadPlan(transfers, zeros);
  }

  /** Blocks of one file that lie close enough together go into one read. */
  private void cut(int file, List<Part> parts, List<Transfer> transfers) {
    parts.sort(Comparator.comparingLong(part -> part.location().position()));
    int start = 0;
    long staged = 0;
    for (int i = 0; i < parts.size(); i++) {
      Part next = parts.get(i);
      long between = i == start ? 0 : between(parts.get(i - 1), next);
      int own = Layout.LOCAL_HEADER_SIZE + stagedLength(next);
      boolean joins =
          between >= 0
              && between <= MOST_BETWEEN
              && staged + between + own <= MOST_STAGED
              && IndexPage.end(next.location()) - parts.get(start).location().position()
                  <= MOST_READ;
      if (i > start && !joins) {
        transfers.add(new Transfer(file, List.copyOf(parts.subList(start, i))));
        start = i;
        staged = own;
      } else {
        staged += between + own;
      }
    }
    transfers.add(new Transfer(file, List.copyOf(parts.subList(start, parts.size()))));
  }

  private int stagedLength(Part part) {
    return hasTarget && part.isDirect() ? 0 : part.storedLength();
  }

  /** Bytes between two blocks; negative when they are not one behind the other. */
  private static long between(Part before, Part next) {
    return next.location().position() - IndexPage.end(before.location());
  }
}
