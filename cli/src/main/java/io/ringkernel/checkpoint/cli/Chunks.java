package io.ringkernel.checkpoint.cli;

import io.ringkernel.checkpoint.ChunkType;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.cli.text.Json;
import io.ringkernel.checkpoint.format.ChunkLayout;
import java.util.Optional;

/** Chunks, for programs. */
final class Chunks {
  private Chunks() {}

  /** What tells a chunk from the others, and its size. */
  static Json identity(ChunkLayout layout) {
    DataChunk chunk = layout.chunk();
    return identity(chunk.type(), chunk.id(), layout.occurrence(), chunk.name())
        .put("bytes", chunk.size());
  }

  /** What tells a chunk from the others. */
  static Json identity(ChunkType type, long id, int occurrence, Optional<String> name) {
    return new Json()
        .put("type", type.label())
        .put("id", String.format("%016x", id))
        .put("occurrence", occurrence)
        .put("name", name.orElse(null));
  }
}
