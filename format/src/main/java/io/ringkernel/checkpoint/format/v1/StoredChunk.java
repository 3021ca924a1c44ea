package io.ringkernel.checkpoint.format.v1;

import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.format.wire.Windows;
import io.ringkernel.checkpoint.format.wire.Workbench;
import java.nio.ByteBuffer;
import java.util.List;
import reactor.core.publisher.Flux;

/**
 * A chunk as it will stand in the file.
 *
 * @param entry its header
 * @param payload its bytes in the file, the same at every subscription
 */
record StoredChunk(ChunkEntry entry, Flux<OwnedBuffer> payload) {
  /** As it is: bytes of host memory are not copied. */
  static StoredChunk raw(DataChunk chunk, Workbench workbench) {
    return new StoredChunk(entry(chunk, chunk.size()), Windows.of(chunk.content(), workbench));
  }

  /**
   * Compressed.
   *
   * @param frame its bytes, shorter than the content
   */
  static StoredChunk compressed(DataChunk chunk, List<ByteBuffer> frame) {
    long length = frame.stream().mapToLong(ByteBuffer::remaining).sum();
    return new StoredChunk(
        entry(chunk, length),
        Flux.fromIterable(frame).map(part -> OwnedBuffer.unpooled(part.slice())));
  }

  private static ChunkEntry entry(DataChunk chunk, long storedSize) {
    return new ChunkEntry(chunk.type(), chunk.flags(), chunk.size(), storedSize, chunk.id());
  }

  boolean isCompressed() {
    return entry.compressedSize() < entry.uncompressedSize();
  }

  /** Header and bytes, for a subscriber that must not change the state. */
  Flux<OwnedBuffer> bytes() {
    return Flux.concat(
        Flux.defer(() -> Flux.just(OwnedBuffer.unpooled(entry.encode()))),
        payload.map(part -> OwnedBuffer.of(part.buffer().asReadOnlyBuffer(), part::close)));
  }
}
