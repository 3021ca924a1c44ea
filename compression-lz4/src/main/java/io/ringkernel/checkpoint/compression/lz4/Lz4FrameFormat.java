package io.ringkernel.checkpoint.compression.lz4;

/**
 * The LZ4 frame format, version 1.6.x, as its specification defines it.
 *
 * <p>All integers are little-endian and unsigned.
 *
 * <pre>
 * stream     = (frame | skippable)*
 * frame      = u32 MAGIC, descriptor, block*, u32 END_MARK, [u32 content checksum]
 * descriptor = u8 flags, u8 block size, [u64 content size], [u32 dictionary id], u8 checksum
 * block      = u32 length, bytes, [u32 block checksum]
 * skippable  = u32 0x184D2A50 to 0x184D2A5F, u32 length, bytes
 * </pre>
 *
 * <p>A descriptor's checksum is the second byte of the XXH32 of what precedes it in the descriptor;
 * a block's is the XXH32 of its stored bytes, and the content's that of all raw bytes.
 */
final class Lz4FrameFormat {
  static final int MAGIC = 0x184D2204;
  static final int SKIPPABLE_MAGIC = 0x184D2A50;
  static final int SKIPPABLE_MASK = 0xFFFFFFF0;
  static final int LEGACY_MAGIC = 0x184C2102;

  /** Bits of the flags byte. */
  static final int VERSION_MASK = 0b1100_0000;

  static final int VERSION_1 = 0b0100_0000;
  static final int INDEPENDENT_BLOCKS = 0b0010_0000;
  static final int BLOCK_CHECKSUMS = 0b0001_0000;
  static final int CONTENT_SIZE = 0b0000_1000;
  static final int CONTENT_CHECKSUM = 0b0000_0100;
  static final int RESERVED_FLAG = 0b0000_0010;
  static final int DICTIONARY_ID = 0b0000_0001;

  /** Bits of the block size byte: a code of 4 to 7, everything else reserved. */
  static final int BLOCK_SIZE_SHIFT = 4;

  static final int BLOCK_SIZE_RESERVED = 0b1000_1111;
  static final int SMALLEST_BLOCK_SIZE_CODE = 4;

  /** In a block's length: its bytes are stored as they are. */
  static final int STORED_RAW = 0x80000000;

  static final int END_MARK = 0;

  /** How far back a match can refer, and so how much of what came before a linked block needs. */
  static final int HISTORY = 64 * 1024;

  static final int MAGIC_LENGTH = 4;
  static final int LENGTH_LENGTH = 4;
  static final int CHECKSUM_LENGTH = 4;
  static final int CONTENT_SIZE_LENGTH = 8;
  static final int DICTIONARY_ID_LENGTH = 4;
  static final int SHORTEST_DESCRIPTOR = 3;
  static final int LONGEST_DESCRIPTOR =
      SHORTEST_DESCRIPTOR + CONTENT_SIZE_LENGTH + DICTIONARY_ID_LENGTH;

  /** One compressed byte can't stand for more raw ones than this. */
  static final int HIGHEST_RATIO = 255;

  private Lz4FrameFormat() {}

  /** The most raw bytes in a block: 64 KiB, 256 KiB, 1 MiB or 4 MiB for the codes 4 to 7. */
  static int blockSize(int code) {
    return 1 << (8 + 2 * code);
  }
}
