package io.ringkernel.checkpoint.format.v2;

import io.ringkernel.checkpoint.BlockFingerprints;
import io.ringkernel.checkpoint.ChunkType;
import io.ringkernel.checkpoint.FingerprintAlgorithm;
import io.ringkernel.checkpoint.error.LimitExceededException;
import io.ringkernel.checkpoint.format.BlockIndex;
import io.ringkernel.checkpoint.format.BlockLocation;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * One chunk of a {@link CompactIndex}.
 *
 * @param entry as the directory has it
 * @param blockSize raw bytes of every block but the last
 * @param pages in order
 */
record CompactChunk(Directory.Entry entry, int blockSize, List<CompactPage> pages)
    implements BlockIndex.Chunk {
  /** The longest array that every JVM can make. */
  private static final int MOST_BYTES = Integer.MAX_VALUE - 8;

  @Override
  public ChunkType type() {
    return new ChunkType(entry.type());
  }

  @Override
  public long id() {
    return entry.id();
  }

  @Override
  public int occurrence() {
    return entry.occurrence();
  }

  @Override
  public Optional<String> name() {
    return Optional.ofNullable(entry.name());
  }

  @Override
  public int flags() {
    return entry.flags();
  }

  @Override
  public long size() {
    return entry.size();
  }

  @Override
  public long blocks() {
    return Layout.blocks(entry.size(), blockSize);
  }

  @Override
  public int length(long block) {
    Objects.checkIndex(block, blocks());
    return (int) Math.min(blockSize, entry.size() - block * blockSize);
  }

  @Override
  public BlockLocation location(long block) {
    return page(block).location(inPage(block), length(block), blockSize);
  }

  @Override
  public boolean matches(long block, byte[] fingerprint, int at) {
    return page(block).fingerprints().matches(inPage(block), fingerprint, at);
  }

  @Override
  public boolean matches(long block, BlockIndex.Chunk other, long otherBlock) {
    if (length(block) != other.length(otherBlock)) {
      return false;
    }
    byte[] fingerprint = new byte[entry.algorithm().length()];
    other.copyFingerprint(otherBlock, fingerprint, 0);
    return matches(block, fingerprint, 0);
  }

  @Override
  public void copyFingerprint(long block, byte[] target, int at) {
    page(block).fingerprints().copyTo(inPage(block), target, at);
  }

  @Override
  public BlockFingerprints fingerprints() {
    FingerprintAlgorithm algorithm = entry.algorithm();
    long length = blocks() * algorithm.length();
    if (length > MOST_BYTES) {
      throw new LimitExceededException(
          "fingerprints of a chunk, in bytes,", length, MOST_BYTES, "use larger blocks");
    }
    byte[] values = new byte[(int) length];
    int at = 0;
    for (CompactPage page : pages) {
      for (int i = 0; i < page.count(); i++) {
        page.fingerprints().copyTo(i, values, at);
        at += algorithm.length();
      }
    }
    return BlockFingerprints.of(blockSize, algorithm, values);
  }

  private CompactPage page(long block) {
    return pages.get((int) (block / Layout.BLOCKS_PER_PAGE));
  }

  private static int inPage(long block) {
    return (int) (block % Layout.BLOCKS_PER_PAGE);
  }
}
