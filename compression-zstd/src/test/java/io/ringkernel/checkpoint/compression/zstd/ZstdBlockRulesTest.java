package io.ringkernel.checkpoint.compression.zstd;

import static io.ringkernel.checkpoint.compression.zstd.ZstdFrames.bytes;
import static io.ringkernel.checkpoint.compression.zstd.ZstdFrames.joined;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.airlift.compress.zstd.ZstdCompressor;
import io.airlift.compress.zstd.ZstdDecompressor;
import io.ringkernel.checkpoint.compression.BlockCompressor;
import io.ringkernel.checkpoint.compression.BlockDecompressor;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ReadOnlyBufferException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One test for each rule of a block, byte by byte; and another implementation's verdict. */
class ZstdBlockRulesTest {
  private static final byte[] MAGIC = bytes(0x28, 0xB5, 0x2F, 0xFD);

  /** Single segment, 3 bytes of content, one raw block. */
  private static final byte[] ABC = joined(MAGIC, bytes(0x20, 3, 0x19, 0, 0, 'a', 'b', 'c'));

  @Test
  void readsASingleFrameWithItsSize() {
    assertThat(ZstdFrames.unblock(ABC, 3)).containsExactly('a', 'b', 'c');
  }

  @Test
  void readsSizesOfEveryWidth() {
    byte[] content = bytes(0x19, 0, 0, 'a', 'b', 'c');
    byte[] asU32 = joined(MAGIC, bytes(0xA0, 3, 0, 0, 0), content);
    byte[] asU64 = joined(MAGIC, bytes(0xE0, 3, 0, 0, 0, 0, 0, 0, 0), content);
    byte[] withWindow = joined(MAGIC, bytes(0x80, 0x58, 3, 0, 0, 0), content);
    for (byte[] frame : new byte[][] {asU32, asU64, withWindow}) {
      assertThat(ZstdFrames.unblock(frame, 3)).containsExactly('a', 'b', 'c');
    }
    // 16 bits count from 256: one run of 'z'.
    byte[] asU16 = joined(MAGIC, bytes(0x60, 0x2C, 0x00, 0x63, 0x09, 0, 'z'));
    assertThat(ZstdFrames.unblock(asU16, 300)).containsOnly('z');
  }

  @Test
  void refusesAnotherSize() {
    isRefused(ABC, 4, 0, "declares 3 bytes, not 4");
    isRefused(ABC, 2, 0, "declares 3 bytes, not 2");
    byte[] huge = joined(MAGIC, bytes(0xE0, 255, 255, 255, 255, 255, 255, 255, 255, 0x19, 0, 0));
    isRefused(huge, 3, 0, "declares 18446744073709551615 bytes");
  }

  @Test
  void refusesToGoWithoutASize() {
    byte[] frame = joined(MAGIC, bytes(0x00, 0x58, 0x19, 0, 0, 'a', 'b', 'c'));
    isRefused(frame, 3, 0, "does not declare its size");
    byte[] streamed = ZstdFrames.compress(bytes('a', 'b', 'c'), 3);
    isRefused(streamed, 3, 0, "does not declare its size");
  }

  @Test
  void refusesAContentThatIsNotOfTheSizeDeclared() {
    byte[] less = joined(MAGIC, bytes(0x20, 4, 0x19, 0, 0, 'a', 'b', 'c'));
    isRefused(less, 4, 0, "zstd finds");
    byte[] more = joined(MAGIC, bytes(0x20, 2, 0x19, 0, 0, 'a', 'b', 'c'));
    isRefused(more, 2, 0, "zstd finds");
  }

  @Test
  void refusesBytesBehindTheFrame() {
    isRefused(joined(ABC, bytes(0)), 3, 12, "bytes follow");
    isRefused(joined(ABC, ABC), 6, 0, "declares 3 bytes, not 6");
    isRefused(joined(ABC, ABC), 3, 12, "bytes follow");
  }

  @Test
  void refusesWhatTheToolWouldSkipOrPassOver() {
    byte[] skippable = bytes(0x50, 0x2A, 0x4D, 0x18, 0, 0, 0, 0);
    byte[] empty = joined(MAGIC, bytes(0x20, 0, 0x01, 0, 0));
    assertThat(ZstdFrames.unblock(empty, 0)).isEmpty();
    isRefused(skippable, 0, 0, "no zstd frame");
    isRefused(joined(skippable, ABC), 3, 0, "no zstd frame");
    isRefused(joined(ABC, skippable), 3, 12, "bytes follow");
    isRefused(joined(ABC, empty), 3, 12, "bytes follow");
  }

  @Test
  void refusesAFrameThatIsCutOff() {
    for (int length = 0; length < ABC.length; length++) {
      isRefused(Arrays.copyOf(ABC, length), 3, length, length < 6 ? "within its head" : "cut off");
    }
    byte[] summed = joined(MAGIC, bytes(0x24, 3, 0x19, 0, 0, 'a', 'b', 'c', 0, 0, 0));
    isRefused(summed, 3, summed.length, "cut off");
  }

  @Test
  void refusesAReservedBlockType() {
    isRefused(joined(MAGIC, bytes(0x20, 3, 0x1F, 0, 0, 'a', 'b', 'c')), 3, 6, "reserved type");
  }

  @Test
  void refusesReservedBits() {
    isRefused(joined(MAGIC, bytes(0x28, 3, 0x19, 0, 0, 'a', 'b', 'c')), 3, 0, "zstd finds");
  }

  @Test
  void refusesADictionary() {
    isRefused(joined(MAGIC, bytes(0x21, 77, 3, 0x19, 0, 0, 'a', 'b', 'c')), 3, 0, "Dictionary");
  }

  @Test
  void refusesAChecksumThatDiffers() {
    byte[] summed = joined(MAGIC, bytes(0x24, 3, 0x19, 0, 0, 'a', 'b', 'c', 1, 2, 3, 4));
    isRefused(summed, 3, 0, "checksum");
  }

  @Test
  void writesSingleFramesWithTheirSizeAndWithoutAChecksum() {
    for (int size : new int[] {0, 1, 255, 256, 70_000}) {
      ByteBuffer block = ByteBuffer.wrap(ZstdFrames.block(new byte[size], 3));
      FrameHead head = FrameHead.parse(block.order(ByteOrder.LITTLE_ENDIAN), 0);
      assertThat(head.declaresSize()).isTrue();
      assertThat(head.contentSize()).isEqualTo(size);
      assertThat(head.hasChecksum()).isFalse();
      assertThat(head.end(block, 0)).isEqualTo(block.limit());
    }
  }

  @Test
  void takesLevel0ForTheDefault() {
    byte[] raw = ZstdFrames.content(20_000);
    assertThat(ZstdFrames.block(raw, 0)).isEqualTo(ZstdFrames.block(raw, 3));
  }

  @ParameterizedTest
  @ValueSource(ints = {-5, 1, 3, 12, 19})
  void anotherImplementationReadsWhatWeWrite(int level) {
    for (int size : new int[] {0, 1, 1000, 64 * 1024, 300_000}) {
      byte[] raw = ZstdFrames.content(size);
      byte[] stored = ZstdFrames.block(raw, level);
      byte[] read = new byte[size];
      int length = new ZstdDecompressor().decompress(stored, 0, stored.length, read, 0, size);
      assertThat(length).isEqualTo(size);
      assertThat(read).isEqualTo(raw);
    }
  }

  @Test
  void weReadWhatAnotherImplementationWrites() {
    for (int size : new int[] {1, 1000, 64 * 1024, 300_000}) {
      byte[] raw = ZstdFrames.content(size);
      ZstdCompressor another = new ZstdCompressor();
      byte[] stored = new byte[another.maxCompressedLength(size)];
      int length = another.compress(raw, 0, size, stored, 0, stored.length);
      byte[] block = Arrays.copyOf(stored, length);
      assertThat(ZstdFrames.unblock(block, size)).isEqualTo(raw);
      assertThat(ZstdFrames.decompress(block, 1000, 1000)).isEqualTo(raw);
    }
  }

  @Test
  void refusesReadOnlyTargets() {
    ByteBuffer readOnly = ByteBuffer.allocate(100).asReadOnlyBuffer();
    try (BlockCompressor compressor = ZstdFrames.CODEC.blockCompressor(3);
        BlockDecompressor decompressor = ZstdFrames.CODEC.blockDecompressor()) {
      assertThatThrownBy(() -> compressor.compress(ByteBuffer.allocate(10), readOnly))
          .isInstanceOf(ReadOnlyBufferException.class);
      assertThatThrownBy(() -> decompressor.decompress(ByteBuffer.wrap(ABC), readOnly))
          .isInstanceOf(ReadOnlyBufferException.class);
    }
  }

  @Test
  void boundsNothingAbove2Gib() {
    assertThatThrownBy(() -> ZstdFrames.CODEC.maxCompressedLength(Integer.MAX_VALUE))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static void isRefused(byte[] block, int room, long offset, String reason) {
    assertThatThrownBy(() -> ZstdFrames.unblock(block, room))
        .asInstanceOf(type(CorruptCheckpointException.class))
        .satisfies(
            e -> {
              assertThat(e.reason()).containsIgnoringCase(reason);
              assertThat(e.offset()).isEqualTo(offset);
            });
  }
}
