package io.ringkernel.checkpoint.format.v1;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;

/**
 * A file put together field by field from the description of the format, by nothing that the
 * library uses; a test breaks one thing of it.
 */
final class HandMadeFile {
  static final int METADATA_LENGTH_AT = 64;
  static final int METADATA_AT = 68;

  /** A chunk with sizes as they are told. */
  static final class Chunk {
    final int type;
    final int flags;
    final long uncompressedSize;
    final long compressedSize;
    final long id;
    final byte[] data;

    Chunk(int type, int flags, long uncompressedSize, long compressedSize, long id, byte[] data) {
      this.type = type;
      this.flags = flags;
      this.uncompressedSize = uncompressedSize;
      this.compressedSize = compressedSize;
      this.id = id;
      this.data = data;
    }

    /** One that is not compressed. */
    Chunk(int type, long id, byte[] data) {
      this(type, 0, data.length, data.length, id, data);
    }
  }

  record Entry(String key, String value) {}

  int headerSize = 56;
  int compression;
  int flags;
  long createdAt = 1_795_437_424_983_574L;
  byte[] kernelId = "kernel".getBytes(StandardCharsets.UTF_8);
  byte[] kernelType = "type".getBytes(StandardCharsets.UTF_8);
  long step = 500;
  int[] grid = {32, 16, 8};
  int[] tile = {4, 2, 1};
  long[] hlc = {1_700_000_000_000_000L, 7, 3};
  final List<Entry> custom = new ArrayList<>();
  final List<Chunk> chunks = new ArrayList<>();
  byte[] behindMetadata = {};
  byte[] behindChunks = {};

  /** A control block, a region and a custom chunk: 3, 6 and 5 bytes. */
  static HandMadeFile small() {
    HandMadeFile file = new HandMadeFile();
    file.custom.add(new Entry("a", "1"));
    file.custom.add(new Entry("b", "2"));
    file.chunks.add(new Chunk(1, 0, new byte[] {1, 2, 3}));
    file.chunks.add(new Chunk(5, 0x50653700c6865f9cL, new byte[] {4, 5, 6, 7, 8, 9}));
    file.chunks.add(new Chunk(100, 77, new byte[] {10, 11, 12, 13, 14}));
    return file;
  }

  /** Where a chunk's header stands. */
  int chunkAt(int index) {
    int position = METADATA_AT + metadata().length;
    for (Chunk chunk : chunks.subList(0, index)) {
      position += 32 + chunk.data.length;
    }
    return position;
  }

  byte[] bytes() {
    byte[] metadata = metadata();
    int length = chunkAt(chunks.size()) + behindChunks.length;
    ByteBuffer out = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    out.put("10TPKCKR".getBytes(StandardCharsets.US_ASCII));
    out.putInt(1).putInt(headerSize).putLong(headerSize + length - 64L);
    out.putInt(chunks.size()).putInt(compression).putInt(0).putInt(flags).putLong(createdAt);
    out.position(METADATA_LENGTH_AT).putInt(metadata.length).put(metadata);
    for (Chunk chunk : chunks) {
      out.putInt(chunk.type).putInt(chunk.flags);
      out.putLong(chunk.uncompressedSize).putLong(chunk.compressedSize).putLong(chunk.id);
      out.put(chunk.data);
    }
    out.put(behindChunks);
    return resummed(out.array());
  }

  private byte[] metadata() {
    ByteBuffer out = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);
    out.putInt(kernelId.length).put(kernelId).putInt(kernelType.length).put(kernelType);
    out.putLong(step);
    for (int i = 0; i < 3; i++) {
      out.putInt(grid[i]);
    }
    for (int i = 0; i < 3; i++) {
      out.putInt(tile[i]);
    }
    for (int i = 0; i < 3; i++) {
      out.putLong(hlc[i]);
    }
    out.putInt(custom.size());
    for (Entry entry : custom) {
      byte[] key = entry.key().getBytes(StandardCharsets.UTF_8);
      byte[] value = entry.value().getBytes(StandardCharsets.UTF_8);
      out.putInt(key.length).put(key).putInt(value.length).put(value);
    }
    out.put(behindMetadata);
    return Bench.copy(out.flip());
  }

  /** With the checksum of what the file holds now. */
  static byte[] resummed(byte[] file) {
    CRC32 crc32 = new CRC32();
    crc32.update(file, 64, file.length - 64);
    return with(file, 32, (int) crc32.getValue());
  }

  /** A copy with four other bytes. */
  static byte[] with(byte[] file, int position, int value) {
    byte[] changed = file.clone();
    ByteBuffer.wrap(changed).order(ByteOrder.LITTLE_ENDIAN).putInt(position, value);
    return changed;
  }

  /** A copy with eight other bytes. */
  static byte[] with(byte[] file, int position, long value) {
    byte[] changed = file.clone();
    ByteBuffer.wrap(changed).order(ByteOrder.LITTLE_ENDIAN).putLong(position, value);
    return changed;
  }
}
