package io.ringkernel.checkpoint.compression.lz4;

import static io.ringkernel.checkpoint.compression.lz4.Lz4FrameFormat.BLOCK_CHECKSUMS;
import static io.ringkernel.checkpoint.compression.lz4.Lz4FrameFormat.BLOCK_SIZE_RESERVED;
import static io.ringkernel.checkpoint.compression.lz4.Lz4FrameFormat.BLOCK_SIZE_SHIFT;
import static io.ringkernel.checkpoint.compression.lz4.Lz4FrameFormat.CONTENT_CHECKSUM;
import static io.ringkernel.checkpoint.compression.lz4.Lz4FrameFormat.CONTENT_SIZE;
import static io.ringkernel.checkpoint.compression.lz4.Lz4FrameFormat.DICTIONARY_ID;
import static io.ringkernel.checkpoint.compression.lz4.Lz4FrameFormat.INDEPENDENT_BLOCKS;
import static io.ringkernel.checkpoint.compression.lz4.Lz4FrameFormat.RESERVED_FLAG;
import static io.ringkernel.checkpoint.compression.lz4.Lz4FrameFormat.SMALLEST_BLOCK_SIZE_CODE;
import static io.ringkernel.checkpoint.compression.lz4.Lz4FrameFormat.VERSION_1;
import static io.ringkernel.checkpoint.compression.lz4.Lz4FrameFormat.VERSION_MASK;

import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import java.nio.ByteBuffer;
import net.jpountz.xxhash.XXHash32;

/**
 * What the head of an LZ4 frame says of the rest.
 *
 * @param flags the flags byte, checked
 * @param blockSizeCode 4 to 7
 * @param contentSize raw bytes in the frame, unsigned; 0 when it is not {@link #declaresSize}
 */
record FrameDescriptor(int flags, int blockSizeCode, long contentSize) {
  /** The length in bytes of a descriptor with this flags byte. */
  static int length(byte flags) {
    return Lz4FrameFormat.SHORTEST_DESCRIPTOR
        + ((flags & CONTENT_SIZE) == 0 ? 0 : Lz4FrameFormat.CONTENT_SIZE_LENGTH)
        + ((flags & DICTIONARY_ID) == 0 ? 0 : Lz4FrameFormat.DICTIONARY_ID_LENGTH);
  }

  /**
   * Reads and checks a descriptor.
   *
   * @param bytes exactly the descriptor, little-endian, from index 0 to the position
   * @param offset where it begins in the stream, for errors
   */
  static FrameDescriptor parse(ByteBuffer bytes, long offset, XXHash32 xxHash) {
    int checksumAt = bytes.position() - 1;
    int flags = bytes.get(0) & 0xFF;
    int block = bytes.get(1) & 0xFF;
    verify((flags & VERSION_MASK) == VERSION_1, offset, "the LZ4 frame is not of version 1");
    verify((flags & RESERVED_FLAG) == 0, offset, "a reserved flag of the LZ4 frame is set");
    verify(
        (block & BLOCK_SIZE_RESERVED) == 0, offset + 1, "reserved bits of the LZ4 frame are set");
    int code = block >>> BLOCK_SIZE_SHIFT;
    verify(
        code >= SMALLEST_BLOCK_SIZE_CODE, offset + 1, "LZ4 block size code " + code + " is none");
    verify(
        bytes.get(checksumAt) == checksum(bytes, checksumAt, xxHash),
        offset + checksumAt,
        "the checksum of the LZ4 frame's head differs");
    verify(
        (flags & DICTIONARY_ID) == 0,
        offset,
        "the LZ4 frame needs a dictionary, which is not supported: recompress it without (lz4 -BI)");
    return new FrameDescriptor(flags, code, (flags & CONTENT_SIZE) == 0 ? 0 : bytes.getLong(2));
  }

  /** Appends the descriptor to {@code target}, which is little-endian. */
  void write(ByteBuffer target, XXHash32 xxHash) {
    int start = target.position();
    target.put((byte) flags).put((byte) (blockSizeCode << BLOCK_SIZE_SHIFT));
    if (declaresSize()) {
      target.putLong(contentSize);
    }
    ByteBuffer written = target.duplicate().flip().position(start).slice();
    target.put(checksum(written, written.limit(), xxHash));
  }

  private static byte checksum(ByteBuffer bytes, int length, XXHash32 xxHash) {
    return (byte) (xxHash.hash(bytes, 0, length, 0) >>> 8);
  }

  private static void verify(boolean condition, long offset, String reason) {
    if (!condition) {
      throw new CorruptCheckpointException(offset, reason);
    }
  }

  boolean linkedBlocks() {
    return (flags & INDEPENDENT_BLOCKS) == 0;
  }

  boolean hasBlockChecksums() {
    return (flags & BLOCK_CHECKSUMS) != 0;
  }

  boolean hasContentChecksum() {
    return (flags & CONTENT_CHECKSUM) != 0;
  }

  boolean declaresSize() {
    return (flags & CONTENT_SIZE) != 0;
  }

  /** The most raw bytes in one block. */
  int blockSize() {
    return Lz4FrameFormat.blockSize(blockSizeCode);
  }
}
