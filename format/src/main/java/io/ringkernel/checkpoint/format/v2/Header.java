package io.ringkernel.checkpoint.format.v2;

import static io.ringkernel.checkpoint.format.wire.ByteReader.verify;

import io.ringkernel.checkpoint.error.LimitExceededException;
import io.ringkernel.checkpoint.error.UnsupportedVersionException;
import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.format.wire.ByteReader;
import io.ringkernel.checkpoint.format.wire.ByteWriter;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.zip.CRC32;

/**
 * The first 64 bytes of a file.
 *
 * @param blockSize bytes of every block but a chunk's last; a power of two
 * @param metadataLength bytes that follow
 * @param metadataCrc32 of them
 * @param compression the code the writer was asked for
 * @param createdAtMicros microseconds since the Unix epoch; unsigned
 * @param objectId names the file
 */
record Header(
    int blockSize,
    int metadataLength,
    int metadataCrc32,
    int compression,
    long createdAtMicros,
    ObjectId objectId) {
  private static final int CRC_AT = 36;

  ByteBuffer encode() {
    ByteBuffer bytes =
        new ByteWriter(Layout.HEADER_SIZE)
            .u64(Layout.MAGIC)
            .u32(Layout.VERSION)
            .u32(Layout.HEADER_SIZE)
            .u32(blockSize)
            .u32(metadataLength)
            .u32(metadataCrc32)
            .u32(compression)
            .u32(0)
            .u32(0)
            .u64(createdAtMicros)
            .bytes(objectId.bytes())
            .view();
    return bytes.putInt(CRC_AT, crc32(bytes));
  }

  /**
   * Reads a header.
   *
   * @param bytes 64 of them, from the start of a file
   * @param maxMetadata the longest metadata allowed
   */
  static Header decode(ByteBuffer bytes, int maxMetadata) {
    ByteReader in = new ByteReader(bytes, 0);
    verify(in.u64("magic") == Layout.MAGIC, 0, "the magic number of a .rkcp file is not there");
    int version = in.u32("version");
    if (version != Layout.VERSION) {
      throw new UnsupportedVersionException(Integer.toUnsignedLong(version), List.of(1, 2));
    }
    verify(in.u32("header size") == Layout.HEADER_SIZE, 12, "header size is not 64");
    int blockSize = in.u32("block size");
    int metadataLength = in.u32("metadata length");
    int metadataCrc32 = in.u32("metadata checksum");
    int compression = in.u32("compression");
    int flags = in.u32("flags");
    int expected = in.u32("header checksum");
    verify(
        crc32(bytes) == expected,
        CRC_AT,
        () -> String.format("header checksum is %08x, expected %08x", crc32(bytes), expected));
    verify(
        blockSize >= Layout.MIN_BLOCK_SIZE
            && blockSize <= Layout.MAX_BLOCK_SIZE
            && Integer.bitCount(blockSize) == 1,
        16,
        "block size " + Integer.toUnsignedString(blockSize) + " is not allowed");
    if (Integer.compareUnsigned(metadataLength, maxMetadata) > 0) {
      throw new LimitExceededException(
          "metadata length", Integer.toUnsignedLong(metadataLength), maxMetadata);
    }
    in.count(Integer.toUnsignedLong(compression), 255, 28, "compression code");
    verify(flags == 0, 32, "reserved header flags are set");
    return new Header(
        blockSize,
        metadataLength,
        metadataCrc32,
        compression,
        in.u64("created at"),
        ObjectId.of(in.bytes(ObjectId.LENGTH, "object id")));
  }

  /** The checksum that stands in it. */
  int crc32() {
    return encode().getInt(CRC_AT);
  }

  /** Of all but the field that holds it. */
  private static int crc32(ByteBuffer bytes) {
    CRC32 crc = new CRC32();
    int start = bytes.position();
    crc.update(bytes.slice(start, CRC_AT));
    crc.update(bytes.slice(start + CRC_AT + 4, Layout.HEADER_SIZE - CRC_AT - 4));
    return (int) crc.getValue();
  }
}
