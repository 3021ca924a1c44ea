package io.ringkernel.checkpoint.cli;

import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.cli.text.Json;
import io.ringkernel.checkpoint.format.ChunkLayout;

/** Chunks, for programs. */
final class Chunks {
  private Chunks() {}

  /** What tells a chunk from the others, and its size. */
  static Json identity(ChunkLayout layout) {
    DataChunk chunk = layout.chunk();
    return new Json()
        .put("type", chunk.type().label())
        .put("id", String.format("%016x", chunk.id()))
        .put("occurrence", layout.occurrence())
        .put("name", chunk.name().orElse(null))
        .put("bytes", chunk.size());
  }
}
