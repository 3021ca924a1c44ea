package io.ringkernel.checkpoint.cli;

import io.ringkernel.checkpoint.core.CheckpointInfo;
import io.ringkernel.checkpoint.core.Checkpointer;
import io.ringkernel.checkpoint.error.LimitExceededException;
import io.ringkernel.checkpoint.format.Ancestor;
import io.ringkernel.checkpoint.format.BlockIndex;
import io.ringkernel.checkpoint.format.BlockLocation;
import io.ringkernel.checkpoint.format.CheckpointFile;
import io.ringkernel.checkpoint.format.ObjectId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Where the blocks of a delta are: object by object, with the checkpoints that those belong to. */
final class Ancestry {
  /** Enough for the index of a state of 150 GiB; of a larger one the blocks are not counted. */
  private static final long MOST_INDEX_BYTES = 64L << 20;

  /**
   * An older object that a delta refers to.
   *
   * @param id names it
   * @param name the checkpoint that it holds; null when that was removed
   * @param blocks how many of the delta's blocks it has; null when they were not counted
   * @param bytes of state in these; null when they were not counted
   */
  record Part(ObjectId id, @Nullable String name, @Nullable Long blocks, @Nullable Long bytes) {}

  private Ancestry() {}

  /**
   * The older objects, in the order in which the delta names them.
   *
   * @param file the delta
   * @param checkpointer of its store: all its entries are read for the names
   */
  static Mono<List<Part>> of(CheckpointFile file, Checkpointer checkpointer) {
    return names(checkpointer)
        .zipWhen(names -> counts(file))
        .map(
            both -> {
              List<Part> parts = new ArrayList<>();
              for (int i = 0; i < file.ancestors().size(); i++) {
                Ancestor ancestor = file.ancestors().get(i);
                int index = i;
                Optional<Long> blocks = both.getT2().map(counts -> counts.blocks[index]);
                Optional<Long> bytes = both.getT2().map(counts -> counts.bytes[index]);
                String name = both.getT1().get(ancestor.id());
                parts.add(new Part(ancestor.id(), name, blocks.orElse(null), bytes.orElse(null)));
              }
              return parts;
            });
  }

  private static Mono<Map<ObjectId, String>> names(Checkpointer checkpointer) {
    return checkpointer
        .list("")
        .ofType(CheckpointInfo.class)
        .collect(
            HashMap::new,
            (names, info) -> {
              if (info.objectId() != null) {
                names.put(info.objectId(), info.name());
              }
            });
  }

  /** By the ancestor's place. */
  private static final class Counts {
    final long[] blocks;
    final long[] bytes;

    Counts(int ancestors) {
      blocks = new long[ancestors];
      bytes = new long[ancestors];
    }
  }

  private static Mono<Optional<Counts>> counts(CheckpointFile file) {
    return file.blockIndex(MOST_INDEX_BYTES)
        .map(index -> Optional.of(count(index)))
        .onErrorReturn(LimitExceededException.class, Optional.empty())
        .defaultIfEmpty(Optional.empty());
  }

  private static Counts count(BlockIndex index) {
    Counts counts = new Counts(index.ancestors().size());
    for (BlockIndex.Chunk chunk : index.chunks()) {
      for (long block = 0; block < chunk.blocks(); block++) {
        BlockLocation location = chunk.location(block);
        if (location.isForeign()) {
          counts.blocks[location.ancestor()]++;
          counts.bytes[location.ancestor()] += chunk.length(block);
        }
      }
    }
    return counts;
  }
}
