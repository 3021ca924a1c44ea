package io.ringkernel.checkpoint.format.v1;

import static io.ringkernel.checkpoint.format.wire.ByteReader.verify;

import io.ringkernel.checkpoint.ChunkType;
import io.ringkernel.checkpoint.format.wire.ByteReader;
import io.ringkernel.checkpoint.format.wire.ByteWriter;
import java.nio.ByteBuffer;

/**
 * The 32 bytes before a chunk's own.
 *
 * <pre>
 *   0 u32 type      8 u64 uncompressed_size     24 u64 id
 *   4 u32 flags    16 u64 compressed_size
 * </pre>
 *
 * @param type what kind of state it is
 * @param flags the application's own
 * @param uncompressedSize as it is told; unsigned
 * @param compressedSize bytes in the file; unsigned until {@link #verifyWithin} has passed
 * @param id unsigned
 */
record ChunkEntry(ChunkType type, int flags, long uncompressedSize, long compressedSize, long id) {
  ByteBuffer encode() {
    return new ByteWriter(Layout.CHUNK_HEADER_LENGTH)
        .u32(type.code())
        .u32(flags)
        .u64(uncompressedSize)
        .u64(compressedSize)
        .u64(id)
        .view();
  }

  static ChunkEntry decode(ByteReader in) {
    return new ChunkEntry(
        new ChunkType(in.u32("chunk type")),
        in.u32("chunk flags"),
        in.u64("uncompressed size"),
        in.u64("compressed size"),
        in.u64("chunk id"));
  }

  /**
   * Refuses bytes that are not there.
   *
   * @param left bytes of the file behind this header
   * @param position of this header
   * @param index of the chunk
   */
  void verifyWithin(long left, long position, long index) {
    verify(
        Long.compareUnsigned(compressedSize, left) <= 0,
        position + Layout.COMPRESSED_SIZE_AT,
        () ->
            label(index)
                + ": compressed size "
                + Long.toUnsignedString(compressedSize)
                + " runs past the end, "
                + left
                + " bytes are left");
  }

  /**
   * Refuses sizes that differ where nothing is compressed, and a chunk that grew when it was.
   *
   * @param compression the file's
   * @param position of this header
   * @param index of the chunk
   */
  void verifySizes(int compression, long position, long index) {
    verify(
        uncompressedSize == compressedSize || isCompressed(compression),
        position + Layout.UNCOMPRESSED_SIZE_AT,
        () ->
            label(index)
                + ": uncompressed size "
                + Long.toUnsignedString(uncompressedSize)
                + " differs from compressed size "
                + compressedSize
                + (compression == Layout.NO_COMPRESSION
                    ? ", yet nothing is compressed"
                    : ", which may only be smaller")
                + "; read it leniently to take the bytes that are there");
  }

  /**
   * Whether the bytes in the file are compressed.
   *
   * @param compression the file's; of an unknown code nothing can be
   */
  boolean isCompressed(int compression) {
    return Layout.isCompression(compression)
        && Long.compareUnsigned(compressedSize, uncompressedSize) < 0;
  }

  /** For messages: "chunk 3 (device-memory 50653700c6865f9c)". */
  String label(long index) {
    return String.format("chunk %d (%s %016x)", index, type.label(), id);
  }
}
