package io.ringkernel.checkpoint.format.v2;

import static io.ringkernel.checkpoint.format.wire.ByteReader.verify;

import io.ringkernel.checkpoint.format.RootHash;
import io.ringkernel.checkpoint.format.wire.ByteReader;
import io.ringkernel.checkpoint.format.wire.ByteWriter;
import io.ringkernel.checkpoint.format.wire.Fingerprinter;
import java.nio.ByteBuffer;
import java.security.MessageDigest;

/**
 * The last 80 bytes of a file.
 *
 * @param directoryPosition of the directory's local header
 * @param directoryLength bytes of its payload
 * @param totalSize bytes of the whole file
 * @param rootHash pins the file
 * @param directoryCrc32 of its payload
 */
record Trailer(
    long directoryPosition,
    long directoryLength,
    long totalSize,
    RootHash rootHash,
    int directoryCrc32) {
  /** Where the root hash stands; it covers the bytes before. */
  static final int ROOT_HASH_AT = 32;

  private static final int CRC_AT = 76;

  /**
   * The trailer of a file.
   *
   * @param header as written
   * @param metadata as written
   * @param directory payload as written
   * @param directoryPosition of its local header
   */
  static Trailer of(
      ByteBuffer header, ByteBuffer metadata, ByteBuffer directory, long directoryPosition) {
    long length = directory.remaining();
    long totalSize = directoryPosition + Layout.LOCAL_HEADER_SIZE + length + Layout.TRAILER_SIZE;
    return new Trailer(
        directoryPosition,
        length,
        totalSize,
        rootHash(header, metadata, directory, totals(directoryPosition, length, totalSize)),
        Layout.crc32(directory));
  }

  /** The root hash that a file with these parts and this trailer must have. */
  RootHash rootHash(ByteBuffer header, ByteBuffer metadata, ByteBuffer directory) {
    return rootHash(
        header, metadata, directory, totals(directoryPosition, directoryLength, totalSize));
  }

  ByteBuffer encode() {
    ByteWriter out = new ByteWriter(Layout.TRAILER_SIZE);
    ByteBuffer totals = totals(directoryPosition, directoryLength, totalSize);
    out.bytes(totals).bytes(rootHash.bytes()).u32(directoryCrc32).u64(0);
    int crc = Layout.crc32(out.view());
    return out.u32(crc).view();
  }

  /**
   * Reads a trailer.
   *
   * @param bytes 80 of them, the last of a file
   * @param fileSize bytes of the whole file
   */
  static Trailer decode(ByteBuffer bytes, long fileSize) {
    long start = fileSize - Layout.TRAILER_SIZE;
    ByteReader in = new ByteReader(bytes, start);
    verify(
        in.u64("trailer magic") == Layout.TRAILER_MAGIC,
        start,
        "the trailer is not there: the file was cut off, or something was added to it");
    int expected = Layout.crc32(bytes.slice(bytes.position(), CRC_AT));
    long directoryPosition = in.u64("directory position");
    long directoryLength = in.u64("directory length");
    long totalSize = in.u64("total size");
    RootHash rootHash = RootHash.of(in.bytes(RootHash.LENGTH, "root hash"));
    int directoryCrc32 = in.u32("directory checksum");
    long reserved = in.u64("reserved");
    int crc = in.u32("trailer checksum");
    verify(
        crc == expected,
        start + CRC_AT,
        () -> String.format("trailer checksum is %08x, expected %08x", expected, crc));
    verify(reserved == 0, start + 68, "reserved trailer bytes are set");
    verify(
        totalSize == fileSize,
        start + 24,
        () ->
            "the file has "
                + fileSize
                + " bytes, its trailer says "
                + Long.toUnsignedString(totalSize));
    long room = start - Layout.HEADER_SIZE - Layout.LOCAL_HEADER_SIZE;
    verify(
        directoryLength >= 0
            && directoryLength <= room
            && directoryPosition == start - directoryLength - Layout.LOCAL_HEADER_SIZE,
        start + 8,
        "the directory does not end where the trailer begins");
    return new Trailer(directoryPosition, directoryLength, totalSize, rootHash, directoryCrc32);
  }

  private static ByteBuffer totals(long position, long length, long size) {
    return new ByteWriter(ROOT_HASH_AT)
        .u64(Layout.TRAILER_MAGIC)
        .u64(position)
        .u64(length)
        .u64(size)
        .view();
  }

  private static RootHash rootHash(ByteBuffer... parts) {
    MessageDigest digest = Fingerprinter.sha256();
    for (ByteBuffer part : parts) {
      digest.update(part.duplicate());
    }
    return RootHash.of(digest.digest());
  }
}
