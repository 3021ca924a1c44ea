package io.ringkernel.checkpoint.format.v2;

import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.format.RootHash;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Keeps the pages of a file as they pass, as long as they are not too heavy. */
final class IndexKeeper {
  private final long maxWeight;
  private final List<List<CompactPage>> pages = new ArrayList<>();
  private long weight;

  /**
   * @param maxWeight bytes of memory past which nothing is kept
   */
  IndexKeeper(long maxWeight) {
    this.maxWeight = maxWeight;
  }

  /** Whether nothing was refused yet. */
  boolean isComplete() {
    return weight <= maxWeight;
  }

  /** The least that was asked for so far. */
  long weight() {
    return weight;
  }

  /** Takes the next page. */
  void add(IndexPage page) {
    if (!isComplete()) {
      return;
    }
    while (pages.size() <= page.chunk()) {
      pages.add(new ArrayList<>());
    }
    CompactPage compact = new CompactPage(page);
    weight += compact.weight();
    pages.get(page.chunk()).add(compact);
    if (!isComplete()) {
      pages.clear();
    }
  }

  /** All pages as an index; null when it is too heavy. */
  @Nullable CompactIndex index(
      ObjectId objectId, RootHash rootHash, int blockSize, Directory directory) {
    if (!isComplete()) {
      return null;
    }
    while (pages.size() < directory.chunks().size()) {
      pages.add(new ArrayList<>());
    }
    CompactIndex index = new CompactIndex(objectId, rootHash, blockSize, directory, pages);
    weight = index.weight();
    return isComplete() ? index : null;
  }
}
