package io.ringkernel.checkpoint.compression.zstd;

import io.ringkernel.checkpoint.compression.BlockCompressor;
import io.ringkernel.checkpoint.compression.BlockDecompressor;
import io.ringkernel.checkpoint.compression.CompressionCodec;
import io.ringkernel.checkpoint.compression.FrameCompressor;
import io.ringkernel.checkpoint.compression.FrameDecompressor;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;

/** Blocks and frames to and from arrays, and content with matches near and far. */
final class ZstdFrames {
  static final CompressionCodec CODEC = new ZstdCodecProvider().codec();

  private ZstdFrames() {}

  /** Compresses to about a half: matches up to 1 MiB back, also overlapping, between literals. */
  static byte[] content(int length) {
    Random random = new Random(21);
    byte[] bytes = new byte[length];
    for (int at = 0; at < length; ) {
      int run = Math.min(length - at, 1 + random.nextInt(60));
      int distance = 1 + random.nextInt(random.nextBoolean() ? 8 : 1024 * 1024);
      boolean match = distance <= at && random.nextInt(3) > 0;
      for (int i = 0; i < run; i++, at++) {
        bytes[at] = match ? bytes[at - distance] : (byte) random.nextInt();
      }
    }
    return bytes;
  }

  static byte[] block(byte[] raw, int level) {
    try (BlockCompressor compressor = CODEC.blockCompressor(level)) {
      ByteBuffer target = ByteBuffer.allocate(CODEC.maxCompressedLength(raw.length));
      int length = compressor.compress(ByteBuffer.wrap(raw), target);
      return Arrays.copyOf(target.array(), length);
    }
  }

  static byte[] unblock(byte[] stored, int rawLength) {
    try (BlockDecompressor decompressor = CODEC.blockDecompressor()) {
      ByteBuffer target = ByteBuffer.allocate(rawLength);
      decompressor.decompress(ByteBuffer.wrap(stored), target);
      return target.array();
    }
  }

  static byte[] compress(byte[] raw, int level) {
    try (FrameCompressor compressor = CODEC.frameCompressor(level)) {
      ByteBuffer target = ByteBuffer.allocate(compressor.maxOutput(raw.length));
      compressor.compress(ByteBuffer.wrap(raw), target, true);
      return Arrays.copyOf(target.array(), target.position());
    }
  }

  /** The content of a stream that must stand at the end of a frame when its bytes are used up. */
  static byte[] decompress(byte[] stored, int sourcePiece, int targetPiece) {
    ByteArrayOutputStream raw = new ByteArrayOutputStream();
    ByteBuffer target = ByteBuffer.allocateDirect(targetPiece);
    boolean atEnd = false;
    try (FrameDecompressor decompressor = CODEC.frameDecompressor()) {
      for (int at = 0; at < stored.length; at += sourcePiece) {
        ByteBuffer source = ByteBuffer.wrap(stored, at, Math.min(sourcePiece, stored.length - at));
        boolean full = true;
        while (full) {
          atEnd = decompressor.decompress(source, target.clear());
          full = !target.hasRemaining();
          byte[] piece = new byte[target.flip().remaining()];
          target.get(piece);
          raw.writeBytes(piece);
        }
      }
    }
    if (!atEnd) {
      throw new AssertionError("the stream ends within a frame");
    }
    return raw.toByteArray();
  }

  static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  static byte[] joined(byte[]... parts) {
    ByteArrayOutputStream joined = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      joined.writeBytes(part);
    }
    return joined.toByteArray();
  }
}
