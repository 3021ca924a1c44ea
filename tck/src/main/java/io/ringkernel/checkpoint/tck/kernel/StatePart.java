package io.ringkernel.checkpoint.tck.kernel;

import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.ChunkType;
import io.ringkernel.checkpoint.DataChunk;
import org.jspecify.annotations.Nullable;

/**
 * A piece of a kernel's state, as a chunk must show it.
 *
 * @param type what kind
 * @param id distinguishes it from others of its type; unsigned
 * @param name a region's name, else null
 * @param bytes all of it
 */
@SuppressWarnings("ArrayRecordComponent") // compared by what is in it, where it is compared
public record StatePart(ChunkType type, long id, @Nullable String name, byte[] bytes) {
  /**
   * The same piece with other bytes.
   *
   * @param other not copied
   */
  public StatePart with(byte[] other) {
    return new StatePart(type, id, name, other);
  }

  /** What an error about it must contain: a region's name, or the type. */
  String label() {
    return name == null ? type.label() : name;
  }

  DataChunk chunk(ChunkContent content) {
    DataChunk chunk = DataChunk.of(type, id, content);
    return name == null ? chunk : chunk.withName(name);
  }
}
