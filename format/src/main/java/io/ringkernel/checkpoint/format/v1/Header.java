package io.ringkernel.checkpoint.format.v1;

import static io.ringkernel.checkpoint.format.wire.ByteReader.verify;

import io.ringkernel.checkpoint.error.LimitExceededException;
import io.ringkernel.checkpoint.error.UnsupportedVersionException;
import io.ringkernel.checkpoint.format.FileHeader;
import io.ringkernel.checkpoint.format.wire.ByteReader;
import io.ringkernel.checkpoint.format.wire.ByteWriter;
import io.ringkernel.checkpoint.format.wire.FilePrefix;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * The first 64 bytes of a file.
 *
 * <pre>
 *    0 u64 magic            28 u32 compression
 *    8 u32 version          32 u32 checksum, CRC-32 of every byte from 64 on
 *   12 u32 header_size      36 u32 flags, 0
 *   16 u64 total_size       40 u64 created_at
 *   24 u32 chunk_count      48 16 bytes, 0
 * </pre>
 *
 * No checksum covers them: what holds them together is that their sizes must agree with the file's,
 * and that what is reserved must be 0.
 */
final class Header {
  private Header() {}

  static ByteBuffer encode(FileHeader header) {
    return new ByteWriter(Layout.HEADER_LENGTH)
        .u64(header.magic())
        .u32(header.version())
        .u32(header.headerSize())
        .u64(header.totalSize())
        .u32(header.chunkCount())
        .u32(header.compression())
        .u32(header.checksum())
        .u32(header.flags())
        .u64(header.createdAtMicros())
        .u64(header.reserved())
        .u64(0)
        .view();
  }

  /**
   * Reads a header.
   *
   * @param bytes from the start of a file
   * @param lenient whether to take the fields that the reference does not look at as they are
   */
  static FileHeader decode(ByteBuffer bytes, boolean lenient) {
    ByteReader in = new ByteReader(bytes, 0);
    FileHeader header =
        new FileHeader(
            in.u64("magic number"),
            in.u32("version"),
            in.u32("header size"),
            in.u64("total size"),
            in.u32("chunk count"),
            in.u32("compression"),
            in.u32("checksum"),
            in.u32("flags"),
            in.u64("created at"),
            in.u64("reserved bytes"));
    long rest = in.u64("reserved bytes");
    verify(header.magic() == FilePrefix.MAGIC, 0, "the magic number of a .rkcp file is not there");
    if (header.version() != Layout.VERSION) {
      throw new UnsupportedVersionException(
          Integer.toUnsignedLong(header.version()), List.of(Layout.VERSION));
    }
    if (Long.compareUnsigned(header.totalSize(), Layout.MAX_TOTAL_SIZE) > 0) {
      throw new LimitExceededException(
          "the total size of a version 1 file",
          header.totalSize(),
          Layout.MAX_TOTAL_SIZE,
          "the format ends there: either the header is damaged or this is no version 1 file");
    }
    if (!lenient) {
      verifyFields(header, rest);
    }
    return header;
  }

  private static void verifyFields(FileHeader header, long rest) {
    verify(
        header.headerSize() == Layout.TOLD_HEADER_SIZE
            || header.headerSize() == Layout.HEADER_LENGTH,
        Layout.HEADER_SIZE_AT,
        "header size " + Integer.toUnsignedString(header.headerSize()) + " is neither 56 nor 64");
    verify(
        header.compression() == Layout.NO_COMPRESSION || Layout.isCompression(header.compression()),
        Layout.COMPRESSION_AT,
        "compression code "
            + Integer.toUnsignedString(header.compression())
            + " is unknown: 0 is none, 1 lz4, 2 zstd");
    verify(header.flags() == 0, Layout.FLAGS_AT, "reserved header flags are set");
    verifyZero(header.reserved(), Layout.RESERVED_AT);
    verifyZero(rest, Layout.RESERVED_AT + Long.BYTES);
  }

  private static void verifyZero(long reserved, int position) {
    verify(
        reserved == 0,
        position + Long.numberOfTrailingZeros(reserved) / Byte.SIZE,
        "a reserved byte of the header is not 0");
  }

  /**
   * Refuses a file that is longer or shorter than its header tells. {@code total_size} counts the
   * header as {@code header_size}, which need not be true.
   */
  static void verifyLength(FileHeader header, long fileLength) {
    long told = header.totalSize() - header.headerSize() + Layout.HEADER_LENGTH;
    verify(
        told == fileLength,
        Layout.TOTAL_SIZE_AT,
        "total size "
            + header.totalSize()
            + " and header size "
            + header.headerSize()
            + " stand for a file of "
            + told
            + " bytes, this one has "
            + fileLength
            + (fileLength < told ? ": its end is missing" : ": there is more than was written"));
  }
}
