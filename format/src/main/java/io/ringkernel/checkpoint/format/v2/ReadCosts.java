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
  /** What a kernel that is restored asks for at a time. */
  private static final long RANGE = 256 << 20;

  private final Set<Integer> files = new HashSet<>();
  private long ranges;
  private long rangeBytes;
  private long requests;
  private long stretches;
  private long flatRequests;
  private long flatBytes;

  private ReadCosts() {}

  static ReadCosts of(List<CompactChunk> chunks, int blockSize) {
    ReadCosts costs = new ReadCosts();
    for (CompactChunk chunk : chunks) {
      costs.add(chunk, blockSize);
    }
    return costs;
  }

  /** Pages that the reader plans together, group by group. */
  private void add(CompactChunk chunk, int blockSize) {
    List<CompactPage.Stretch> together = new ArrayList<>();
    long pagesInRange = Math.max(1, RANGE / ((long) blockSize * Layout.BLOCKS_PER_PAGE));
    long most = Math.min(TargetFill.PAGES_AT_ONCE, pagesInRange);
    long left = chunk.blocks();
    int pages = 0;
    for (CompactPage page : chunk.pages()) {
      left -= page.count();
      int last = left == 0 ? chunk.length(chunk.blocks() - 1) : blockSize;
      together.addAll(page.stretches(0, page.count(), blockSize, last));
      if (++pages % most == 0 || left == 0) {
        add(together);
        together.clear();
      }
    }
  }

  /** From a storage that reads many stretches in one request. */
  ReadCost scattered() {
    return new ReadCost(
        files.size(), requests + ancestors(), stretches, flatBytes + openingBytes());
  }

  /** From a storage that is asked for each stretch, and for those close together as one. */
  ReadCost asked() {
    return new ReadCost(files.size(), ranges + ancestors(), 0, rangeBytes + openingBytes());
  }

  private long openingBytes() {
    return (long) ancestors() * OutlineReader.TAIL_WITHOUT_PAGES;
  }

  /** Each is opened by its end. */
  private int ancestors() {
    return files.size() - (files.contains(BlockLocation.HERE) ? 1 : 0);
  }

  /** From one file that has them all. */
  ReadCost flat() {
    return new ReadCost(files.isEmpty() ? 0 : 1, flatRequests, 0, flatBytes);
  }

  private void add(List<CompactPage.Stretch> together) {
    Map<Integer, List<CompactPage.Stretch>> byFile = new HashMap<>();
    long length = 0;
    for (CompactPage.Stretch stretch : together) {
      byFile.computeIfAbsent(stretch.ancestor(), file -> new ArrayList<>()).add(stretch);
      length += stretch.end() - stretch.position();
    }
    files.addAll(byFile.keySet());
    byFile.values().forEach(this::addFile);
    flatBytes += length;
    flatRequests += requests(length);
  }

  private void addFile(List<CompactPage.Stretch> parts) {
    parts.sort(Comparator.comparingLong(CompactPage.Stretch::position));
    long length = 0;
    long start = parts.get(0).position();
    long end = start;
    for (CompactPage.Stretch next : parts) {
      long between = next.position() - end;
      if (between < 0 || between > ReadPlanner.MOST_BETWEEN) {
        addRange(end - start);
        start = next.position();
      }
      stretches += between == 0 ? 0 : 1;
      length += next.end() - next.position();
      end = next.end();
    }
    addRange(end - start);
    requests += requests(length);
  }

  private void addRange(long length) {
    rangeBytes += length;
    ranges += requests(length);
  }

  private static long requests(long length) {
    return (length + ReadPlanner.MOST_READ - 1) / ReadPlanner.MOST_READ;
  }
}
