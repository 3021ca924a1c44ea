package io.ringkernel.checkpoint.cli;

import io.ringkernel.checkpoint.ChunkType;
import io.ringkernel.checkpoint.DataChunk;
import org.jspecify.annotations.Nullable;

/**
 * What a person writes for a chunk without a name: {@code TYPE} or {@code TYPE:ID}, for example
 * {@code control-block}, {@code custom:7} or {@code 42:0x1092}.
 *
 * @param type by name or number
 * @param id unsigned; null when not told
 */
record ChunkAddress(ChunkType type, @Nullable Long id) {
  /**
   * From text.
   *
   * @throws IllegalArgumentException when it is none
   */
  static ChunkAddress parse(String text) {
    int colon = text.indexOf(':');
    return colon < 0
        ? new ChunkAddress(ChunkType.parse(text), null)
        : new ChunkAddress(
            ChunkType.parse(text.substring(0, colon)),
            new Converters.Unsigned().convert(text.substring(colon + 1)));
  }

  /** Whether a chunk is meant. */
  boolean matches(DataChunk chunk) {
    return chunk.type().equals(type) && (id == null || chunk.id() == id);
  }

  /** An id as people read it: small numbers in decimal, hashes in hex. */
  static String idText(long id) {
    return id >>> 32 == 0 ? Long.toString(id) : String.format("0x%016x", id);
  }

  /** What a person would write for this chunk; not yet escaped. */
  static String of(DataChunk chunk) {
    return chunk.name().orElseGet(() -> chunk.type().label() + ":" + idText(chunk.id()));
  }
}
