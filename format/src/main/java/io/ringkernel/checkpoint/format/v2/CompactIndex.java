package io.ringkernel.checkpoint.format.v2;

import io.ringkernel.checkpoint.FingerprintAlgorithm;
import io.ringkernel.checkpoint.error.LimitExceededException;
import io.ringkernel.checkpoint.format.Ancestor;
import io.ringkernel.checkpoint.format.BlockIndex;
import io.ringkernel.checkpoint.format.BlockLocation;
import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.format.RootHash;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The index of one file, all of it, in memory. */
final class CompactIndex implements BlockIndex {
  /** Of the object itself and of each chunk, with a name of some length. */
  private static final int OVERHEAD = 512;

  private static final int BYTES_PER_CHUNK = 256;
  private static final int BYTES_PER_ANCESTOR = 320;

  private final ObjectId objectId;
  private final RootHash rootHash;
  private final int blockSize;
  private final Directory directory;
  private final List<CompactChunk> chunks;
  private final ReadCosts readCosts;
  private final long weight;
  private volatile @Nullable FingerprintTable table;

  CompactIndex(
      ObjectId objectId,
      RootHash rootHash,
      int blockSize,
      Directory directory,
      List<List<CompactPage>> pages) {
    this.objectId = objectId;
    this.rootHash = rootHash;
    this.blockSize = blockSize;
    this.directory = directory;
    List<CompactChunk> made = new ArrayList<>();
    for (int i = 0; i < pages.size(); i++) {
      made.add(new CompactChunk(directory.chunks().get(i), blockSize, List.copyOf(pages.get(i))));
    }
    this.chunks = List.copyOf(made);
    this.readCosts = ReadCosts.of(chunks, blockSize);
    this.weight = weigh();
  }

  private long weigh() {
    long pages =
        chunks.stream()
            .flatMap(chunk -> chunk.pages().stream())
            .mapToLong(CompactPage::weight)
            .sum();
    return OVERHEAD
        + pages
        + (long) chunks.size() * BYTES_PER_CHUNK
        + (long) directory.ancestors().size() * BYTES_PER_ANCESTOR
        + FingerprintTable.weight(blocks());
  }

  /**
   * The least that the index of a file will weigh, known before any of it is read.
   *
   * @param directory of the file
   * @param blockSize of the file
   */
  static long leastWeight(Directory directory, int blockSize) {
    long weight = FingerprintTable.weight(directory.totals().blocks());
    for (Directory.Entry chunk : directory.chunks()) {
      weight += Layout.blocks(chunk.size(), blockSize) * chunk.algorithm().length();
    }
    return weight;
  }

  static LimitExceededException tooHeavy(long weight, long most) {
    return new LimitExceededException(
        "bytes of memory for a block index", weight, most, "allow more, or use larger blocks");
  }

  @Override
  public ObjectId objectId() {
    return objectId;
  }

  @Override
  public RootHash rootHash() {
    return rootHash;
  }

  @Override
  public List<Ancestor> ancestors() {
    return directory.ancestors();
  }

  @Override
  public int blockSize() {
    return blockSize;
  }

  @Override
  public Optional<FingerprintAlgorithm> algorithm() {
    return directory.chunks().stream().map(Directory.Entry::algorithm).findFirst();
  }

  @Override
  public List<Chunk> chunks() {
    return List.copyOf(chunks);
  }

  @Override
  public long blocks() {
    return directory.totals().blocks();
  }

  @Override
  public long ancestorBlocks() {
    return directory.totals().ancestorBlocks();
  }

  @Override
  public long size() {
    return directory.totals().size();
  }

  @Override
  public long weight() {
    return weight;
  }

  @Override
  public ReadCost readCost(boolean scattered) {
    return scattered ? readCosts.scattered() : readCosts.asked();
  }

  @Override
  public ReadCost flatReadCost() {
    return readCosts.flat();
  }

  @Override
  public @Nullable BlockLocation find(byte[] fingerprint, int at, int rawLength) {
    FingerprintTable found = table;
    if (found == null) {
      found = makeTable();
    }
    return found == null ? null : found.find(fingerprint, at, rawLength);
  }

  /** Made once: those who meet here wait for less work than each would have to do. */
  private synchronized @Nullable FingerprintTable makeTable() {
    if (table == null) {
      table = FingerprintTable.of(chunks);
    }
    return table;
  }
}
