package io.ringkernel.checkpoint.format;

import io.ringkernel.checkpoint.DataChunk;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The chunks of a file, by type, id and occurrence. */
final class ChunkIdentities {
  private record Kind(int type, long id) {}

  private record Identity(Kind kind, int occurrence) {}

  private final Map<Identity, BlockIndex.Chunk> chunks = new HashMap<>();

  /** Counts the chunks of another checkpoint that were asked for. */
  private final Map<Kind, Integer> asked = new HashMap<>();

  ChunkIdentities(BlockIndex index) {
    for (BlockIndex.Chunk chunk : index.chunks()) {
      Kind kind = new Kind(chunk.type().code(), chunk.id());
      chunks.put(new Identity(kind, chunk.occurrence()), chunk);
    }
  }

  /** The file's chunk of the same identity as the next one of a checkpoint, if it has one. */
  BlockIndex.@Nullable Chunk next(DataChunk chunk) {
    Kind kind = new Kind(chunk.type().code(), chunk.id());
    int occurrence = asked.merge(kind, 1, Integer::sum) - 1;
    return chunks.get(new Identity(kind, occurrence));
  }
}
