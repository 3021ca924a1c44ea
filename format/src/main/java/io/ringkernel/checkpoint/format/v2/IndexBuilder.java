package io.ringkernel.checkpoint.format.v2;

import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.format.BlockLocation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The index of a file that is being written: takes the blocks in order, and leaves pages in a queue
 * and a directory at the end. One thread at a time.
 */
final class IndexBuilder {
  /** Of chunks that are equal in it, each is told by how many came before. */
  private record Identity(int type, long id) {}

  /** What becomes known of a chunk on the way. */
  private static final class Summary {
    final List<Directory.PageRef> pages = new ArrayList<>();
    boolean fingerprintsFromKernel;
    long stored;
  }

  private final EncodeSettings settings;
  private final List<DataChunk> chunks;
  private final PageQueue pages;
  private final List<Summary> summaries;
  private final AncestorNumbers ancestors;
  private final PageBuilder page;
  private final IndexKeeper keeper;
  private long blocks;
  private long newSize;
  private long zeroBlocks;
  private long ancestorBlocks;

  /**
   * @param pages takes the encoded pages
   * @param keeper takes them as they are
   */
  IndexBuilder(
      EncodeSettings settings, List<DataChunk> chunks, PageQueue pages, IndexKeeper keeper) {
    this.keeper = keeper;
    this.settings = settings;
    this.chunks = chunks;
    this.pages = pages;
    this.summaries = chunks.stream().map(chunk -> new Summary()).toList();
    this.ancestors = new AncestorNumbers(settings.references());
    this.page = new PageBuilder(settings.blockSize(), settings.algorithm());
  }

  /**
   * Adds the next batch.
   *
   * @param position of its first byte in the file
   */
  void add(EncodedBatch batch, long position) {
    batch.ranges().forEach(range -> add(range, position));
  }

  private void add(BlockRange range, long position) {
    ChunkBlocks chunk = range.chunk();
    Summary summary = summaries.get(chunk.index());
    summary.fingerprintsFromKernel = chunk.brought() != null;
    for (int i = 0; i < range.count(); i++) {
      BlockLocation location = Objects.requireNonNull(range.location(i));
      int length = chunk.length(range.block(i));
      newSize += isHere(location) ? length : 0;
      page.add(
          locate(location, position, summary),
          range.fingerprints(),
          range.fingerprintAt(i),
          length);
      long next = range.block(i) + 1;
      if (page.isFull() || next == chunk.count()) {
        IndexPage full = page.finish(chunk.index(), next);
        pages.add(full, summary.pages);
        keeper.add(full);
      }
    }
    blocks += range.count();
  }

  private static boolean isHere(BlockLocation location) {
    return location.kind() != BlockLocation.Kind.ZERO && !location.isForeign();
  }

  /** Raw bytes of the blocks in this file. */
  long newSize() {
    return newSize;
  }

  /** The location as the file tells it. */
  private BlockLocation locate(BlockLocation inBatch, long position, Summary summary) {
    if (inBatch.kind() == BlockLocation.Kind.ZERO) {
      zeroBlocks++;
      return BlockLocation.ZERO;
    }
    if (inBatch.isForeign()) {
      ancestorBlocks++;
      return ancestors.renumber(inBatch);
    }
    summary.stored += inBatch.storedLength();
    return new BlockLocation(
        inBatch.kind(),
        BlockLocation.HERE,
        position + inBatch.position(),
        inBatch.storedLength(),
        inBatch.codec(),
        inBatch.crc32());
  }

  /** The directory, once all batches were added and the page queue was drained. */
  Directory directory() {
    List<Directory.Entry> entries = new ArrayList<>(chunks.size());
    Map<Identity, Integer> occurrences = new HashMap<>();
    long size = 0;
    long stored = 0;
    for (int i = 0; i < chunks.size(); i++) {
      DataChunk chunk = chunks.get(i);
      Identity identity = new Identity(chunk.type().code(), chunk.id());
      int count = occurrences.merge(identity, 1, Integer::sum);
      Directory.Entry entry = entry(chunk, count - 1, summaries.get(i));
      entries.add(entry);
      size += entry.size();
      stored += entry.stored();
    }
    return new Directory(
        entries,
        ancestors.used(),
        new Directory.Totals(size, stored, blocks, zeroBlocks, ancestorBlocks));
  }

  private Directory.Entry entry(DataChunk chunk, int occurrence, Summary summary) {
    return new Directory.Entry(
        chunk.type().code(),
        chunk.id(),
        occurrence,
        chunk.flags(),
        chunk.name().orElse(null),
        settings.algorithm(),
        summary.fingerprintsFromKernel,
        chunk.size(),
        summary.stored,
        summary.pages);
  }
}
