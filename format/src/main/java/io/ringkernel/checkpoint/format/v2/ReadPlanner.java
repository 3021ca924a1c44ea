package io.ringkernel.checkpoint.format.v2;

import io.ringkernel.checkpoint.BlockFingerprints;
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
   * Bytes between two stretches that a storage which asks for each of them reads along; see {@link
   * io.ringkernel.checkpoint.storage.CheckpointStorage#readInto(String, String, List)}.
   */
  static final int MOST_BETWEEN = 128 << 10;

  /** Bytes of one read that need memory besides the target: what a pooled buffer holds. */
  private static final int MOST_STAGED = Workbench.BATCH_BYTES + Workbench.BATCH_OVERHEAD;

  /** Bytes of one read: enough to make a request to a storage far away worth its while. */
  static final int MOST_READ = 4 << 20;

  private final int blockSize;
  private final boolean hasTarget;
  private final Map<Integer, List<Found>> byFile = new LinkedHashMap<>();
  private final List<ReadPlan.Zeros> zeros = new ArrayList<>();

  /** A block as its page tells it, until it is known beside which others it is read. */
  private record Found(IndexPage page, int index, int rawLength, int from, int to, long targetAt) {
    long position() {
      return page.locations().get(index).position();
    }

    /** Made in the order of the reads, so that what is looked at in turn lies side by side. */
    Part part() {
      BlockLocation at = page.locations().get(index);
      BlockFingerprints all = page.fingerprints();
      return new Part(
          page.chunk(),
          page.firstBlock() + index,
          at.from(at.ancestor()),
          BlockFingerprints.of(all.blockSize(), all.algorithm(), all.get(index)),
          rawLength,
          from,
          to,
          targetAt);
    }
  }

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
            .add(new Found(page, i, rawLength, from, to, targetAt));
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

  /** As many blocks of one file as fit go into one read, wherever in the file they are. */
  private void cut(int file, List<Found> blocks, List<Transfer> transfers) {
    blocks.sort(Comparator.comparingLong(Found::position));
    List<Part> parts = new ArrayList<>();
    long length = 0;
    long staged = 0;
    for (Found block : blocks) {
      Part part = block.part();
      int more = part.sectionLength();
      int moreStaged = part.stagedLength(hasTarget);
      if (length > 0 && (length + more > MOST_READ || staged + moreStaged > MOST_STAGED)) {
        transfers.add(new Transfer(file, parts));
        parts = new ArrayList<>();
        length = 0;
        staged = 0;
      }
      parts.add(part);
      length += more;
      staged += moreStaged;
    }
    transfers.add(new Transfer(file, parts));
  }
}
