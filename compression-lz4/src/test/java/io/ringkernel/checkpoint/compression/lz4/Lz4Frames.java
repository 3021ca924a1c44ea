package io.ringkernel.checkpoint.compression.lz4;

import io.ringkernel.checkpoint.compression.CompressionCodec;
import io.ringkernel.checkpoint.compression.FrameCompressor;
import io.ringkernel.checkpoint.compression.FrameDecompressor;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;

/** Frames to and from arrays, and content with matches near and far. */
final class Lz4Frames {
  static final CompressionCodec CODEC = new Lz4CodecProvider().codec();

  private Lz4Frames() {}

  /** Compresses to about a half: matches up to 64 KiB back, also overlapping, between literals. */
  static byte[] content(int length) {
    Random random = new Random(21);
    byte[] bytes = new byte[length];
    for (int at = 0; at < length; ) {
      int run = Math.min(length - at, 1 + random.nextInt(60));
      int distance = 1 + random.nextInt(random.nextBoolean() ? 8 : 65_535);
      boolean match = distance <= at && random.nextInt(3) > 0;
      for (int i = 0; i < run; i++, at++) {
        bytes[at] = match ? bytes[at - distance] : (byte) random.nextInt();
      }
    }
    return bytes;
  }

  static byte[] noise(int length) {
    byte[] bytes = new byte[length];
    new Random(22).nextBytes(bytes);
    return bytes;
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

  /** The little-endian bytes of integers. */
  static byte[] ints(int... values) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (int value : values) {
      bytes.putInt(value);
    }
    return bytes.array();
  }
}
