package io.ringkernel.checkpoint.format.v2;

import io.ringkernel.checkpoint.format.BlockIndex.ReadCost;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Tells from an index what {@link ReadPlanner} will ask for when all of a state is read. */
final class ReadCosts {
  private final Map<Integer, List<CompactPage.Stretch>> files = new HashMap<>();
  private final Set<Integer> seen = new HashSet<>();
  private long requests;
  private long bytes;

  private ReadCosts() {}

  static ReadCost of(List<CompactChunk> chunks, int blockSize) {
    ReadCosts costs = new ReadCosts();
    for (CompactChunk chunk : chunks) {
      long left = chunk.blocks();
      for (CompactPage page : chunk.pages()) {
        left -= page.count();
        int last = left == 0 ? chunk.length(chunk.blocks() - 1) : blockSize;
        costs.add(page.stretches(blockSize, last));
      }
    }
    return new ReadCost(costs.seen.size(), costs.requests, costs.bytes);
  }

  /** One page: its blocks are planned together. */
  private void add(List<CompactPage.Stretch> stretches) {
    files.clear();
    for (CompactPage.Stretch stretch : stretches) {
      files.computeIfAbsent(stretch.ancestor(), file -> new ArrayList<>()).add(stretch);
    }
    seen.addAll(files.keySet());
    files.values().forEach(this::addFile);
  }

  private void addFile(List<CompactPage.Stretch> stretches) {
    stretches.sort(Comparator.comparingLong(CompactPage.Stretch::position));
    long start = stretches.get(0).position();
    long end = start;
    for (CompactPage.Stretch next : stretches) {
      long between = next.position() - end;
      if (between < 0 || between > ReadPlanner.MOST_BETWEEN) {
        close(start, end);
        start = next.position();
      }
      end = next.end();
    }
    close(start, end);
  }

  private void close(long start, long end) {
    bytes += end - start;
    requests += (end - start + ReadPlanner.MOST_READ - 1) / ReadPlanner.MOST_READ;
  }
}
