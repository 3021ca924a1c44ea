package io.ringkernel.checkpoint.compression.lz4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.airlift.compress.lz4.Lz4Compressor;
import io.airlift.compress.lz4.Lz4Decompressor;
import io.ringkernel.checkpoint.compression.BlockCompressor;
import io.ringkernel.checkpoint.compression.BlockDecompressor;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.util.Arrays;
import net.jpountz.lz4.LZ4Factory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Raw blocks: against another implementation, and byte by byte. */
class Lz4BlockTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 9, 12})
  void anotherImplementationReadsWhatWeWrite(int level) {
    for (int size : new int[] {0, 1, 1000, 64 * 1024, 300_000}) {
      byte[] raw = Lz4Frames.content(size);
      byte[] stored = compress(raw, level);
      byte[] read = new byte[size];
      int length =
          size == 0 ? 0 : new Lz4Decompressor().decompress(stored, 0, stored.length, read, 0, size);
      assertThat(length).isEqualTo(size);
      assertThat(read).isEqualTo(raw);
    }
  }

  @Test
  void weReadWhatAnotherImplementationWrites() {
    for (int size : new int[] {1, 1000, 64 * 1024, 300_000}) {
      byte[] raw = Lz4Frames.content(size);
      Lz4Compressor another = new Lz4Compressor();
      byte[] stored = new byte[another.maxCompressedLength(size)];
      int length = another.compress(raw, 0, size, stored, 0, stored.length);
      assertThat(decompress(Arrays.copyOf(stored, length), size)).isEqualTo(raw);
    }
  }

  @Test
  void isFastAtTheLowestLevel() {
    byte[] raw = Lz4Frames.content(300_000);
    assertThat(compress(raw, 1))
        .isEqualTo(LZ4Factory.nativeInstance().fastCompressor().compress(raw));
  }

  @Test
  void compressesBetterAtHigherLevels() {
    byte[] raw = Lz4Frames.content(300_000);
    assertThat(compress(raw, 9).length).isLessThan(compress(raw, 1).length);
    assertThat(compress(raw, 12).length).isLessThanOrEqualTo(compress(raw, 9).length);
  }

  @Test
  void storesNothingAsOneByte() {
    assertThat(compress(new byte[0], 1)).containsExactly(0);
    assertThat(decompress(new byte[] {0}, 0)).isEmpty();
  }

  @Test
  void saysWhereABlockIsMalformed() {
    // token, literal, distance: 4 literals, then a match 5 bytes back.
    assertIsRefused(new int[] {0x40, 1, 2, 3, 4, 5, 0, 0x50, 1, 2, 3, 4, 5}, 13, 5, "before");
    // Literals past the end.
    assertIsRefused(new int[] {0x10, 1, 1, 0, 0x90, 1, 2, 3, 4, 5}, 14, 5, "9 literals");
    // The end within a distance.
    assertIsRefused(new int[] {0x10, 1, 1}, 10, 3, "ends within");
    // The end within a length.
    assertIsRefused(new int[] {0xF0, 255, 255}, 600, 3, "ends within");
    // Nothing at all.
    assertIsRefused(new int[0], 10, 0, "ends within");
    // More literals, and a longer match, than there is room for.
    assertIsRefused(new int[] {0x50, 1, 2, 3, 4, 5}, 4, 1, "more than 4");
    assertIsRefused(new int[] {0x1F, 1, 1, 0, 10, 0x50, 1, 2, 3, 4, 5}, 20, 4, "more than 20");
    // Fewer bytes than asked for.
    assertIsRefused(new int[] {0x50, 1, 2, 3, 4, 5}, 6, 6, "ends after 5 bytes of 6");
  }

  private static void assertIsRefused(int[] block, int room, long offset, String reason) {
    byte[] stored = new byte[block.length];
    for (int i = 0; i < block.length; i++) {
      stored[i] = (byte) block[i];
    }
    assertThatThrownBy(() -> decompress(stored, room))
        .asInstanceOf(type(CorruptCheckpointException.class))
        .satisfies(
            e -> {
              assertThat(e.reason()).contains(reason);
              assertThat(e.offset()).isEqualTo(offset);
            });
  }

  @Test
  void refusesReadOnlyTargets() {
    ByteBuffer readOnly = ByteBuffer.allocate(100).asReadOnlyBuffer();
    try (BlockCompressor compressor = Lz4Frames.CODEC.blockCompressor(1);
        BlockDecompressor decompressor = Lz4Frames.CODEC.blockDecompressor()) {
      assertThatThrownBy(() -> compressor.compress(ByteBuffer.allocate(10), readOnly))
          .isInstanceOf(ReadOnlyBufferException.class);
      assertThatThrownBy(() -> decompressor.decompress(ByteBuffer.allocate(10), readOnly))
          .isInstanceOf(ReadOnlyBufferException.class);
    }
  }

  @Test
  void boundsNoBlockThatLz4CanNotHold() {
    assertThatThrownBy(() -> Lz4Frames.CODEC.maxCompressedLength(Integer.MAX_VALUE))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static byte[] compress(byte[] raw, int level) {
    try (BlockCompressor compressor = Lz4Frames.CODEC.blockCompressor(level)) {
      ByteBuffer target = ByteBuffer.allocate(Lz4Frames.CODEC.maxCompressedLength(raw.length));
      int length = compressor.compress(ByteBuffer.wrap(raw), target);
      return Arrays.copyOf(target.array(), length);
    }
  }

  private static byte[] decompress(byte[] stored, int rawLength) {
    try (BlockDecompressor decompressor = Lz4Frames.CODEC.blockDecompressor()) {
      ByteBuffer target = ByteBuffer.allocate(rawLength);
      decompressor.decompress(ByteBuffer.wrap(stored), target);
      return target.array();
    }
  }
}
