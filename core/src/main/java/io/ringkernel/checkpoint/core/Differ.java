package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.error.CheckpointNotFoundException;
import io.ringkernel.checkpoint.error.InvalidOptionException;
import io.ringkernel.checkpoint.format.BlockIndex;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Compares checkpoints by their indexes. */
final class Differ {
  private record Identity(int type, long id, int occurrence) {
    static Identity of(BlockIndex.Chunk chunk) {
      return new Identity(chunk.type().code(), chunk.id(), chunk.occurrence());
    }
  }

  private final Resolver resolver;
  private final Opener opener;
  private final BaseIndexes indexes;

  Differ(Resolver resolver, Opener opener, BaseIndexes indexes) {
    this.resolver = resolver;
    this.opener = opener;
    this.indexes = indexes;
  }

  /** What differs between two checkpoints of version 2. */
  Mono<CheckpointDiff> diff(String before, String after) {
    // One after the other: of two that can't be read, the first is told.
    return Mono.defer(() -> index(before).zipWhen(old -> index(after)))
        .map(both -> diff(before, both.getT1(), after, both.getT2()));
  }

  private Mono<BlockIndex> index(String name) {
    return resolver
        .resolve(name)
        .flatMap(
            located ->
                located instanceof Located.InObject managed
                        && managed.entry().file().formatVersion() == 2
                    ? indexes
                        .get(managed.entry().file())
                        .onErrorMap(CheckpointNotFoundException.class, e -> Opener.lost(located))
                    : opener
                        .open(located)
                        .flatMap(file -> file.blockIndex(indexes.maxWeight()))
                        .switchIfEmpty(Mono.error(() -> withoutIndex(name))));
  }

  private static InvalidOptionException withoutIndex(String name) {
    return new InvalidOptionException(
        "name",
        "'" + name + "' is of version 1, which has no index to compare: copy it as version 2",
        null);
  }

  private static CheckpointDiff diff(String before, BlockIndex old, String after, BlockIndex now) {
    requireComparable(before, old, after, now);
    Map<Identity, BlockIndex.Chunk> left = new LinkedHashMap<>();
    old.chunks().forEach(chunk -> left.put(Identity.of(chunk), chunk));
    List<ChunkDiff> chunks = new ArrayList<>();
    for (BlockIndex.Chunk chunk : now.chunks()) {
      chunks.add(compare(left.remove(Identity.of(chunk)), chunk));
    }
    left.values().forEach(chunk -> chunks.add(removed(chunk)));
    return new CheckpointDiff(before, after, now.blockSize(), chunks);
  }

  private static void requireComparable(
      String before, BlockIndex old, String after, BlockIndex now) {
    boolean sameAlgorithm =
        old.algorithm().isEmpty()
            || now.algorithm().isEmpty()
            || old.algorithm().equals(now.algorithm());
    if (old.blockSize() != now.blockSize() || !sameAlgorithm) {
      throw new InvalidOptionException(
          "name",
          String.format(
              "'%s' has blocks of %d bytes by %s, which can't be compared with those of '%s', %d"
                  + " bytes by %s",
              after,
              now.blockSize(),
              now.algorithm().map(Enum::name).orElse("none"),
              before,
              old.blockSize(),
              old.algorithm().map(Enum::name).orElse("none")),
          null);
    }
  }

  private static ChunkDiff compare(BlockIndex.@Nullable Chunk old, BlockIndex.Chunk now) {
    BitSet changed = new BitSet();
    long bytes = 0;
    for (long block = 0; block < now.blocks(); block++) {
      boolean same = old != null && block < old.blocks() && now.matches(block, old, block);
      if (!same) {
        changed.set(Math.toIntExact(block));
        bytes += now.length(block);
      }
    }
    ChunkDiff.Status status =
        old == null
            ? ChunkDiff.Status.ADDED
            : changed.isEmpty() && old.size() == now.size()
                ? ChunkDiff.Status.SAME
                : ChunkDiff.Status.CHANGED;
    return new ChunkDiff(
        now.type(),
        now.id(),
        now.occurrence(),
        now.name().orElse(null),
        status,
        old == null ? 0 : old.size(),
        now.size(),
        now.blocks(),
        bytes,
        changed);
  }

  private static ChunkDiff removed(BlockIndex.Chunk old) {
    return new ChunkDiff(
        old.type(),
        old.id(),
        old.occurrence(),
        old.name().orElse(null),
        ChunkDiff.Status.REMOVED,
        old.size(),
        0,
        0,
        0,
        new BitSet());
  }
}
