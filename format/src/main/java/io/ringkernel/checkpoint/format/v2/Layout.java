package io.ringkernel.checkpoint.format.v2;

import java.nio.ByteBuffer;
import java.util.zip.CRC32;

/** The constants of version 2. */
final class Layout {
  /** "10TPKCKR": both versions begin with it. */
  static final long MAGIC = 0x524B434B50543031L;

  /** "DNTPKCKR": version 2 ends with a trailer that begins with it. */
  static final long TRAILER_MAGIC = 0x524B434B50544E44L;

  static final int VERSION = 2;
  static final int HEADER_SIZE = 64;
  static final int LOCAL_HEADER_SIZE = 16;
  static final int TRAILER_SIZE = 80;

  static final int MIN_BLOCK_SIZE = 4096;
  static final int MAX_BLOCK_SIZE = 16 << 20;
  static final int BLOCKS_PER_PAGE = 4096;
  static final int MAX_ANCESTORS = 65_535;
  static final int MAX_CHUNKS = 1 << 20;

  /** Blocks in a chunk: what the number in a local header can count. */
  static final long MAX_BLOCKS = 1L << 32;

  /**
   * No index page is longer: its four counts, then for each block a run of its own (kind, length,
   * ancestor, distance), an entry (codec, stored length, checksum) and the longest fingerprint.
   */
  static final int MAX_PAGE_LENGTH =
      4 * 10 + BLOCKS_PER_PAGE * (1 + 10 + 10 + 10 + 1 + 10 + 4 + 32);

  /** In a local header's chunk field: what follows is an index page. */
  static final int PAGE_SECTION = 0xFFFFFFFF;

  /** In a local header's chunk field: what follows is the directory. */
  static final int DIRECTORY_SECTION = 0xFFFFFFFE;

  private Layout() {}

  /** CRC-32 of the remaining bytes, which stay as they are. */
  static int crc32(ByteBuffer bytes) {
    CRC32 crc = new CRC32();
    crc.update(bytes.duplicate());
    return (int) crc.getValue();
  }

  /** Blocks in a chunk of {@code size} bytes. */
  static long blocks(long size, int blockSize) {
    return size / blockSize + (size % blockSize == 0 ? 0 : 1);
  }
}
