package io.ringkernel.checkpoint.format.v2;

import io.ringkernel.checkpoint.format.BlockIndex.ReadCost;
import io.ringkernel.checkpoint.format.BlockLocation;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Tells from an index what {@link ReadPlanner} will ask for when all of a state is read. */
final class ReadCosts {
  private final Set<Integer> files = new HashSet<>();
  private long requests;
  private long bytes;
  private long flatRequests;
  private long flatBytes;

  private ReadCosts() {}

  static ReadCosts of(List<CompactChunk> chunks, int blockSize) {
    ReadCosts costs = new ReadCosts();
    for (CompactChunk chunk : chunks) {
      long left = chunk.blocks();
      for (CompactPage page : chunk.pages()) {
        left -= page.count();
        int last = left == 0 ? chunk.length(chunk.blocks() - 1) : blockSize;
        costs.add(page.stretches(blockSize, last));
      }
    }
    return costs;
  }

  /** From the files where the blocks are. Each ancestor is opened by its two ends. */
  ReadCost asStored() {
    int ancestors = files.size() - (files.contains(BlockLocation.HERE) ? 1 : 0);
    return new ReadCost(
        files.size(), requests + 2L * ancestors, bytes + (long) ancestors * OutlineReader.TAIL);
  }

  /** From one file that has them all. */
  ReadCost flat() {
    return new ReadCost(files.isEmpty() ? 0 : 1, flatRequests, flatBytes);
  }

  /** One page: its blocks are planned together. */
  private void add(List<CompactPage.Stretch> stretches) {
    Map<Integer, List<CompactPage.Stretch>> byFile = new HashMap<>();
    long length = 0;
    for (CompactPage.Stretch stretch : stretches) {
      byFile.computeIfAbsent(stretch.ancestor(), file -> new ArrayList<>()).add(stretch);
      length += stretch.end() - stretch.position();
    }
    files.addAll(byFile.keySet());
    byFile.values().forEach(this::addFile);
    flatBytes += length;
    flatRequests += requests(length);
  }

  private void addFile(List<CompactPage.Stretch> stretches) {
    stretches.sort(Comparator.comparingLong(CompactPage.Stretch::position));
    long start = stretches.get(0).position();
    long end = start;
    for (CompactPage.Stretch next : stretches) {
      long between = next.position() - end;
      if (between < 0 || between > ReadPlanner.MOST_BETWEEN) {
        addRange(end - start);
        start = next.position();
      }
      end = next.end();
    }
    addRange(end - start);
  }

  private void addRange(long length) {
    bytes += length;
    requests += requests(length);
  }

  private static long requests(long length) {
    return (length + ReadPlanner.MOST_READ - 1) / ReadPlanner.MOST_READ;
  }
}
