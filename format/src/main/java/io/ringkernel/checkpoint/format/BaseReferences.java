package io.ringkernel.checkpoint.format;

import io.ringkernel.checkpoint.DataChunk;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The blocks of one file, as seen from the chunks of a new one. */
final class BaseReferences implements BlockReferences {
  /** Before the base's own ancestors, so that these move by one. */
  private static final int BASE = 0;

  /**
   * A chunk that is being written.
   *
   * @param size raw bytes
   * @param before the base's chunk of the same identity; null when it has none
   */
  private record Pair(long size, BlockIndex.@Nullable Chunk before) {}

  private final BlockIndex base;
  private final List<Pair> pairs = new ArrayList<>();
  private final List<Ancestor> ancestors = new ArrayList<>();
  private final boolean captureKnowsBase;

  BaseReferences(BlockIndex base, List<DataChunk> chunks, boolean captureKnowsBase) {
    this.base = base;
    this.captureKnowsBase = captureKnowsBase;
    ChunkIdentities identities = new ChunkIdentities(base);
    chunks.forEach(chunk -> pairs.add(new Pair(chunk.size(), identities.next(chunk))));
    ancestors.add(new Ancestor(base.objectId(), base.rootHash()));
    ancestors.addAll(base.ancestors());
  }

  @Override
  public List<Ancestor> ancestors() {
    return ancestors;
  }

  @Override
  public @Nullable BlockLocation find(int chunkIndex, long block, byte[] fingerprints, int at) {
    Pair pair = pairs.get(chunkIndex);
    BlockIndex.Chunk before = pair.before();
    int length = length(pair, block);
    if (before != null
        && hasBlock(before, block, length)
        && before.matches(block, fingerprints, at)) {
      return seenFromHere(before.location(block));
    }
    BlockLocation moved = base.find(fingerprints, at, length);
    return moved == null ? null : seenFromHere(moved);
  }

  @Override
  public @Nullable BlockLocation unchanged(
      int chunkIndex, long block, byte[] fingerprints, int at) {
    Pair pair = pairs.get(chunkIndex);
    BlockIndex.Chunk before = pair.before();
    if (!captureKnowsBase || before == null || !hasBlock(before, block, length(pair, block))) {
      return null;
    }
    before.copyFingerprint(block, fingerprints, at);
    return seenFromHere(before.location(block));
  }

  /** A last block that was shorter or longer before is another one. */
  private static boolean hasBlock(BlockIndex.Chunk before, long block, int length) {
    return block < before.blocks() && before.length(block) == length;
  }

  private int length(Pair pair, long block) {
    return (int) Math.min(base.blockSize(), pair.size() - block * base.blockSize());
  }

  private static BlockLocation seenFromHere(BlockLocation inBase) {
    if (inBase.kind() == BlockLocation.Kind.ZERO) {
      return inBase;
    }
    return inBase.from(inBase.isForeign() ? inBase.ancestor() + 1 : BASE);
  }
}
