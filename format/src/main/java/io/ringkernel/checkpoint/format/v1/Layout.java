package io.ringkernel.checkpoint.format.v1;

/** The constants of version 1. */
final class Layout {
  static final int VERSION = 1;

  /** What a header takes. */
  static final int HEADER_LENGTH = 64;

  /** What the reference tells that a header takes; files that tell the truth are read as well. */
  static final int TOLD_HEADER_SIZE = 56;

  static final int CHUNK_HEADER_LENGTH = 32;

  /** Metadata of empty texts and no custom entries. */
  static final int MIN_METADATA_LENGTH = 68;

  /** The reference reads no file that tells a larger total_size: 1 GiB. */
  static final long MAX_TOTAL_SIZE = 1L << 30;

  static final int HEADER_SIZE_AT = 12;
  static final int TOTAL_SIZE_AT = 16;
  static final int CHUNK_COUNT_AT = 24;
  static final int COMPRESSION_AT = 28;
  static final int CHECKSUM_AT = 32;
  static final int FLAGS_AT = 36;
  static final int RESERVED_AT = 48;

  static final int UNCOMPRESSED_SIZE_AT = 8;
  static final int COMPRESSED_SIZE_AT = 16;

  static final int NO_COMPRESSION = 0;
  static final int LZ4 = 1;
  static final int ZSTD = 2;

  private Layout() {}

  /** Whether a chunk may be compressed with this code. */
  static boolean isCompression(int code) {
    return code == LZ4 || code == ZSTD;
  }
}
