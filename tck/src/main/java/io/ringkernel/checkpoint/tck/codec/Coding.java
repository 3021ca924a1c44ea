package io.ringkernel.checkpoint.tck.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.compression.BlockCompressor;
import io.ringkernel.checkpoint.compression.BlockDecompressor;
import io.ringkernel.checkpoint.compression.CompressionCodec;
import io.ringkernel.checkpoint.compression.FrameCompressor;
import io.ringkernel.checkpoint.compression.FrameDecompressor;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Blocks and frames from arrays to arrays, as a plain caller of the SPI makes and reads them. */
final class Coding {
  private Coding() {}

  /** What a stream gave, and whether it stood at the end of a frame when its bytes were used up. */
  static final class Decoded {
    private final byte[] bytes;
    private final boolean atEnd;

    private Decoded(byte[] bytes, boolean atEnd) {
      this.bytes = bytes;
      this.atEnd = atEnd;
    }

    byte[] bytes() {
      return bytes;
    }

    boolean atEnd() {
      return atEnd;
    }
  }

  static byte[] block(CompressionCodec codec, int level, byte[] raw) {
    try (BlockCompressor compressor = codec.blockCompressor(level)) {
      return block(compressor, codec.maxCompressedLength(raw.length), raw);
    }
  }

  static byte[] block(BlockCompressor compressor, int room, byte[] raw) {
    ByteBuffer target = ByteBuffer.allocate(room);
    int length = compressor.compress(ByteBuffer.wrap(raw), target);
    assertThat(length).as("what compress returns").isBetween(0, room);
    assertThat(target.position()).as("how far the target has moved").isEqualTo(length);
    return Arrays.copyOf(target.array(), length);
  }

  static byte[] unblock(CompressionCodec codec, byte[] stored, int rawLength) {
    try (BlockDecompressor decompressor = codec.blockDecompressor()) {
      ByteBuffer target = ByteBuffer.allocate(rawLength);
      decompressor.decompress(ByteBuffer.wrap(stored), target);
      assertThat(target.hasRemaining()).as("room left").isFalse();
      return target.array();
    }
  }

  static byte[] frame(CompressionCodec codec, int level, byte[] raw) {
    return frame(codec, level, raw, 64 * 1024, BufferKind.DIRECT, BufferKind.DIRECT);
  }

  /** A frame of {@code raw}, handed over in pieces of {@code piece} bytes. */
  static byte[] frame(
      CompressionCodec codec,
      int level,
      byte[] raw,
      int piece,
      BufferKind sourceKind,
      BufferKind targetKind) {
    ByteArrayOutputStream frame = new ByteArrayOutputStream();
    try (FrameCompressor compressor = codec.frameCompressor(level)) {
      int at = 0;
      boolean last = false;
      while (!last) {
        int length = Math.min(piece, raw.length - at);
        last = at + length == raw.length;
        GuardedBuffer source =
            GuardedBuffer.holding(sourceKind, Arrays.copyOfRange(raw, at, at + length));
        GuardedBuffer target = GuardedBuffer.room(targetKind, compressor.maxOutput(length));
        compressor.compress(source.buffer(), target.buffer(), last);
        assertThat(source.moved()).as("consumed").isEqualTo(length);
        source.assertIntact();
        target.assertIntact();
        frame.writeBytes(target.first(target.moved()));
        at += length;
      }
    }
    return frame.toByteArray();
  }

  static Decoded unframe(CompressionCodec codec, byte[] stored) {
    return unframe(codec, stored, 64 * 1024, 64 * 1024, BufferKind.DIRECT, BufferKind.DIRECT);
  }

  /** What a stream holds, read from and into pieces of the given sizes. */
  static Decoded unframe(
      CompressionCodec codec,
      byte[] stored,
      int sourcePiece,
      int targetPiece,
      BufferKind sourceKind,
      BufferKind targetKind) {
    ByteArrayOutputStream raw = new ByteArrayOutputStream();
    boolean atEnd = false;
    try (FrameDecompressor decompressor = codec.frameDecompressor()) {
      for (int at = 0; at < stored.length; at += sourcePiece) {
        byte[] piece =
            Arrays.copyOfRange(stored, at, at + Math.min(sourcePiece, stored.length - at));
        GuardedBuffer source = GuardedBuffer.holding(sourceKind, piece);
        boolean full = true;
        while (full) {
          GuardedBuffer target = GuardedBuffer.room(targetKind, targetPiece);
          atEnd = decompressor.decompress(source.buffer(), target.buffer());
          target.assertIntact();
          source.assertIntact();
          raw.writeBytes(target.first(target.moved()));
          full = !target.buffer().hasRemaining();
        }
        assertThat(source.moved()).as("consumed, with room left").isEqualTo(piece.length);
      }
    }
    return new Decoded(raw.toByteArray(), atEnd);
  }
}
