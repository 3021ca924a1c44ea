package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.format.BlockIndex;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import reactor.core.publisher.Mono;

/** Shows bases to kernels that make their own deltas. */
final class BaseCheckpoints {
  private BaseCheckpoints() {}

  /**
   * A checkpoint whose chunks have the fingerprints of an index, and bytes that are read from the
   * store when asked for.
   *
   * @param entry tells what it is of; custom entries are not in it
   * @param open opens its file
   */
  static Checkpoint of(Entry entry, BlockIndex index, Mono<Checkpoint> open) {
    Mono<Checkpoint> opened = open.cacheInvalidateIf(checkpoint -> false);
    List<DataChunk> chunks = new ArrayList<>();
    for (int i = 0; i < index.chunks().size(); i++) {
      BlockIndex.Chunk chunk = index.chunks().get(i);
      DataChunk shown =
          DataChunk.of(chunk.type(), chunk.id(), new Lazy(chunk.size(), opened, i))
              .withFlags(chunk.flags())
              .withFingerprints(Mono.fromSupplier(chunk::fingerprints));
      chunks.add(chunk.name().map(shown::withName).orElse(shown));
    }
    return Checkpoint.of(entry.metadata(), chunks, () -> {});
  }

  /** Bytes of a file that is opened when the first of them is asked for. */
  private record Lazy(long size, Mono<Checkpoint> opened, int chunk) implements ChunkContent {
    @Override
    public Mono<Integer> read(long offset, ByteBuffer target) {
      return opened.flatMap(
          checkpoint -> checkpoint.chunks().get(chunk).content().read(offset, target));
    }
  }
}
