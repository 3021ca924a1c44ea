package io.ringkernel.checkpoint.compression.zstd;

import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import java.nio.ByteBuffer;

/**
 * The head of a zstd frame, as RFC 8878, 3.1.1.1, defines it; little-endian.
 *
 * <pre>
 * frame      = u32 MAGIC, head, block+, [u32 content checksum]
 * head       = u8 descriptor, [u8 window], [u8, u16 or u32 dictionary id],
 *              [u8, u16, u32 or u64 content size]
 * descriptor = content size flag (2 bits), single segment, unused, reserved, checksum,
 *              dictionary id flag (2 bits)
 * block      = u24 (size &lt;&lt; 3 | type &lt;&lt; 1 | last), bytes
 * </pre>
 *
 * @param length of magic and head together
 * @param contentSize unsigned; 0 when it is not declared
 * @param windowSize how far back the frame refers, so what a stream's reader must keep; unsigned
 * @param declaresSize whether the content's size is there
 * @param hasChecksum whether 4 bytes follow the last block
 */
record FrameHead(
    int length, long contentSize, long windowSize, boolean declaresSize, boolean hasChecksum) {
  static final int MAGIC = 0xFD2FB528;
  static final int MAGIC_LENGTH = 4;

  /** Magic and descriptor: what tells the {@link #length}. */
  static final int SHORTEST = MAGIC_LENGTH + 1;

  static final int LONGEST = 18;

  private static final int SINGLE_SEGMENT = 0b0010_0000;
  private static final int CHECKSUM = 0b0000_0100;
  private static final int CHECKSUM_LENGTH = 4;
  private static final int BLOCK_HEAD_LENGTH = 3;
  private static final int BLOCK_RUN = 1;
  private static final int BLOCK_RESERVED = 3;

  /** The length of magic and head together, given the descriptor. */
  static int length(byte descriptor) {
    return SHORTEST
        + (isSingleSegment(descriptor) ? 0 : 1)
        + dictionaryIdLength(descriptor)
        + contentSizeLength(descriptor);
  }

  /**
   * Reads a head that is there in full.
   *
   * @param bytes little-endian
   * @param at the index of the magic number
   */
  static FrameHead parse(ByteBuffer bytes, int at) {
    byte descriptor = bytes.get(at + MAGIC_LENGTH);
    int length = length(descriptor);
    int sizeLength = contentSizeLength(descriptor);
    long contentSize = contentSize(bytes, at + length - sizeLength, sizeLength);
    long windowSize =
        isSingleSegment(descriptor) ? contentSize : windowSize(bytes.get(at + SHORTEST));
    return new FrameHead(
        length, contentSize, windowSize, sizeLength > 0, (descriptor & CHECKSUM) != 0);
  }

  /**
   * Where the frame ends, found by its blocks' lengths alone.
   *
   * @param bytes little-endian
   * @param at the index of the magic number
   * @return the index behind the frame
   * @throws CorruptCheckpointException when it does not end before the limit; relative to {@code
   *     at}
   */
  int end(ByteBuffer bytes, int at) {
    int index = at + length;
    boolean last = false;
    while (!last) {
      int head =
          BLOCK_HEAD_LENGTH > bytes.limit() - index ? truncated(bytes, at) : u24(bytes, index);
      last = (head & 1) != 0;
      int type = head >>> 1 & 3;
      if (type == BLOCK_RESERVED) {
        throw new CorruptCheckpointException(index - at, "a zstd block of a reserved type");
      }
      int stored = type == BLOCK_RUN ? 1 : head >>> 3;
      index += BLOCK_HEAD_LENGTH;
      if (stored > bytes.limit() - index) {
        truncated(bytes, at);
      }
      index += stored;
    }
    int tail = hasChecksum ? CHECKSUM_LENGTH : 0;
    return tail > bytes.limit() - index ? truncated(bytes, at) : index + tail;
  }

  /** Never returns. */
  private static int truncated(ByteBuffer bytes, int at) {
    throw new CorruptCheckpointException(bytes.limit() - at, "the zstd frame is cut off");
  }

  private static int u24(ByteBuffer bytes, int at) {
    return (bytes.getShort(at) & 0xFFFF) | (bytes.get(at + 2) & 0xFF) << 16;
  }

  private static boolean isSingleSegment(byte descriptor) {
    return (descriptor & SINGLE_SEGMENT) != 0;
  }

  private static int dictionaryIdLength(byte descriptor) {
    return switch (descriptor & 3) {
      case 0 -> 0;
      case 1 -> 1;
      case 2 -> 2;
      default -> 4;
    };
  }

  private static int contentSizeLength(byte descriptor) {
    return switch (descriptor >>> 6 & 3) {
      case 0 -> isSingleSegment(descriptor) ? 1 : 0;
      case 1 -> 2;
      case 2 -> 4;
      default -> 8;
    };
  }

  private static long contentSize(ByteBuffer bytes, int at, int length) {
    return switch (length) {
      case 0 -> 0;
      case 1 -> bytes.get(at) & 0xFF;
      // Two bytes count from 256, as smaller sizes fit into one.
      case 2 -> (bytes.getShort(at) & 0xFFFF) + 256;
      case 4 -> Integer.toUnsignedLong(bytes.getInt(at));
      default -> bytes.getLong(at);
    };
  }

  private static long windowSize(byte window) {
    long base = 1L << (10 + (window >>> 3 & 0x1F));
    return base + base / 8 * (window & 7);
  }
}
