package io.ringkernel.checkpoint.compression.lz4;

import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import java.nio.ByteBuffer;
import net.jpountz.lz4.LZ4Exception;
import net.jpountz.lz4.LZ4SafeDecompressor;

/**
 * Decodes independent LZ4 blocks in native code, told both bounds.
 *
 * <p>A match 0 bytes back, which the format forbids, native code takes for zeros rather than spend
 * time on it; a block that has one is damaged in a way that only a checksum shows.
 */
final class BlockDecoder {
  private final LZ4SafeDecompressor lz4;

  BlockDecoder(LZ4SafeDecompressor lz4) {
    this.lz4 = lz4;
  }

  /**
   * Decodes all remaining bytes of {@code source}; neither buffer's position moves.
   *
   * @param source one block
   * @param target writable, with room for as much as the block may hold
   * @return how many bytes the block holds
   * @throws CorruptCheckpointException when the block is malformed or holds more than the room; the
   *     offset is relative to the source's position
   */
  int decode(ByteBuffer source, ByteBuffer target) {
    try {
      return lz4.decompress(
          source,
          source.position(),
          source.remaining(),
          target,
          target.position(),
          target.remaining());
    } catch (LZ4Exception e) {
      throw located(source, target, e);
    }
  }

  /** Native code no longer says where it stopped, so the block is walked once more to find out. */
  private static CorruptCheckpointException located(
      ByteBuffer source, ByteBuffer target, LZ4Exception cause) {
    try {
      SequenceDecoder.decode(source, target, 0);
    } catch (CorruptCheckpointException found) {
      return new CorruptCheckpointException(found.offset(), found.reason(), cause);
    }
    // Native code also asks that a block ends in five literals, which the walk lets pass.
    return new CorruptCheckpointException(
        source.remaining(), "the LZ4 block does not end as the format demands", cause);
  }
}
