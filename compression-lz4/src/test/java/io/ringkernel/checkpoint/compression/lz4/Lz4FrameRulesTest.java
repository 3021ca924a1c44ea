package io.ringkernel.checkpoint.compression.lz4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.ringkernel.checkpoint.compression.FrameCompressor;
import io.ringkernel.checkpoint.compression.FrameDecompressor;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import net.jpountz.xxhash.XXHash32;
import net.jpountz.xxhash.XXHashFactory;
import org.junit.jupiter.api.Test;

/** One test for each rule of the frame format, from a valid frame in which one thing is broken. */
class Lz4FrameRulesTest {
  private static final XXHash32 XX_HASH = XXHashFactory.safeInstance().hash32();
  private static final byte[] RAW = "raw bytes, stored".getBytes(StandardCharsets.US_ASCII);
  private static final int MEBIBYTE = 1 << 20;
  private static final int PLAIN = 0b0110_0000;
  private static final int SIZED = 0b0110_1000;
  private static final int SUMMED = 0b0110_0100;
  private static final int BLOCKS_SUMMED = 0b0111_0000;
  private static final int LINKED = 0b0100_0000;

  /** Builds frames byte by byte. */
  private static final class Frame {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    Frame head(int flags, int blockSizeCode, int... sizeAndDictionary) {
      ByteArrayOutputStream descriptor = new ByteArrayOutputStream();
      descriptor.write(flags);
      descriptor.write(blockSizeCode << 4);
      descriptor.writeBytes(Lz4Frames.ints(sizeAndDictionary));
      int checksum = hash(descriptor.toByteArray()) >>> 8;
      bytes.writeBytes(Lz4Frames.ints(0x184D2204));
      bytes.writeBytes(descriptor.toByteArray());
      bytes.write(checksum);
      return this;
    }

    Frame raw(byte[] content) {
      return ints(content.length | 0x80000000).bytes(content);
    }

    Frame compressed(int... block) {
      ints(block.length);
      for (int value : block) {
        bytes.write(value);
      }
      return this;
    }

    Frame ints(int... values) {
      return bytes(Lz4Frames.ints(values));
    }

    Frame bytes(byte[] more) {
      bytes.writeBytes(more);
      return this;
    }

    /** In little pieces, and as one: then a block goes straight into the target if it may. */
    byte[] read() {
      byte[] read = Lz4Frames.decompress(bytes.toByteArray(), 7, 5);
      assertThat(Lz4Frames.decompress(bytes.toByteArray(), bytes.size(), 100_000)).isEqualTo(read);
      return read;
    }

    void isRefused(long offset, String reason) {
      for (int piece : new int[] {1, bytes.size()}) {
        assertThatThrownBy(() -> Lz4Frames.decompress(bytes.toByteArray(), piece, 100))
            .asInstanceOf(type(CorruptCheckpointException.class))
            .satisfies(
                e -> {
                  assertThat(e.reason()).contains(reason);
                  assertThat(e.offset()).isEqualTo(offset);
                });
      }
    }
  }

  private static int hash(byte[] bytes) {
    return XX_HASH.hash(bytes, 0, bytes.length, 0);
  }

  private static Frame plain() {
    return new Frame().head(PLAIN, 4);
  }

  @Test
  void writesTheHeadOfIndependentBlocksOfOneMebibyteWithAContentChecksum() {
    byte[] head = new Frame().head(SUMMED, 6).bytes.toByteArray();
    assertThat(Lz4Frames.compress(RAW, 1)).startsWith(head).endsWith(Lz4Frames.ints(0, hash(RAW)));
  }

  @Test
  void storesRawWhatDoesNotGetSmaller() {
    byte[] few = Arrays.copyOf(RAW, 5);
    Frame raw = new Frame().head(SUMMED, 6).raw(few).ints(0, hash(few));
    assertThat(Lz4Frames.compress(few, 1)).isEqualTo(raw.bytes.toByteArray());
  }

  @Test
  void writesNoBlockWithoutAnyBytes() {
    byte[] block = Lz4Frames.noise(MEBIBYTE);
    Frame one = new Frame().head(SUMMED, 6).raw(block).ints(0, hash(block));
    assertThat(inTwoCalls(block, MEBIBYTE - 1)).isEqualTo(one.bytes.toByteArray());
  }

  @Test
  void hasRoomForWhatAnEarlierCallLeft() {
    byte[] noise = Lz4Frames.noise(2 * MEBIBYTE);
    byte[] stored = inTwoCalls(noise, MEBIBYTE - 1);
    assertThat(Lz4Frames.decompress(stored, stored.length, noise.length)).isEqualTo(noise);
  }

  /** Each into no more room than it asks for. */
  private static byte[] inTwoCalls(byte[] raw, int first) {
    ByteArrayOutputStream stored = new ByteArrayOutputStream();
    try (FrameCompressor compressor = Lz4Frames.CODEC.frameCompressor(1)) {
      for (ByteBuffer piece :
          List.of(
              ByteBuffer.wrap(raw, 0, first), ByteBuffer.wrap(raw, first, raw.length - first))) {
        ByteBuffer target = ByteBuffer.allocate(compressor.maxOutput(piece.remaining()));
        compressor.compress(piece, target, piece.limit() == raw.length);
        stored.write(target.array(), 0, target.position());
      }
    }
    return stored.toByteArray();
  }

  @Test
  void readsABlockStoredRaw() {
    assertThat(plain().raw(RAW).ints(0).read()).isEqualTo(RAW);
  }

  @Test
  void readsARawBlockWithoutAnyBytes() {
    assertThat(plain().raw(new byte[0]).raw(RAW).raw(new byte[0]).ints(0).read()).isEqualTo(RAW);
  }

  @Test
  void readsACompressedBlockWithoutAnyBytes() {
    assertThat(plain().compressed(0).raw(RAW).compressed(0).ints(0).read()).isEqualTo(RAW);
  }

  @Test
  void readsTheSizeWhenItIsRight() {
    assertThat(new Frame().head(SIZED, 4, RAW.length, 0).raw(RAW).ints(0).read()).isEqualTo(RAW);
  }

  @Test
  void refusesLessThanTheSize() {
    new Frame()
        .head(SIZED, 4, RAW.length + 1, 0)
        .raw(RAW)
        .ints(0)
        .isRefused(36, "declares 18 bytes of content, but holds 17");
  }

  @Test
  void refusesMoreThanTheSizeBeforeTheEnd() {
    new Frame().head(SIZED, 4, 20, 0).raw(RAW).raw(RAW).isRefused(40, "but holds at least 34");
  }

  @Test
  void refusesAContentChecksumThatDiffers() {
    new Frame().head(SUMMED, 4).raw(RAW).ints(0, hash(RAW) + 1).isRefused(32, "content differs");
  }

  @Test
  void readsBlockChecksums() {
    Frame frame = new Frame().head(BLOCKS_SUMMED, 4).raw(RAW).ints(hash(RAW), 0);
    assertThat(frame.read()).isEqualTo(RAW);
  }

  @Test
  void refusesABlockWhoseChecksumDiffers() {
    new Frame().head(BLOCKS_SUMMED, 4).raw(RAW).ints(hash(RAW) ^ 1).isRefused(28, "block differs");
  }

  @Test
  void refusesAHeadWhoseChecksumDiffers() {
    byte[] head = plain().bytes.toByteArray();
    head[6]++;
    new Frame().bytes(head).isRefused(6, "head differs");
  }

  @Test
  void refusesAnotherVersion() {
    new Frame().head(0b1010_0000, 4).isRefused(4, "version 1");
  }

  @Test
  void refusesReservedBits() {
    new Frame().head(PLAIN | 0b10, 4).isRefused(4, "reserved flag");
    new Frame().head(PLAIN, 4 | 8).isRefused(5, "reserved bits");
  }

  @Test
  void refusesABlockSizeThatIsNone() {
    new Frame().head(PLAIN, 3).isRefused(5, "block size code 3");
  }

  @Test
  void refusesADictionary() {
    new Frame().head(PLAIN | 1, 4, 77).isRefused(4, "dictionary");
  }

  @Test
  void refusesABlockLongerThanTheFrameAllows() {
    plain().ints(64 * 1024 + 1).isRefused(7, "an LZ4 block of 65537 bytes");
    plain().ints(0xFFFFFFFF).isRefused(7, "an LZ4 block of 2147483647 bytes");
  }

  @Test
  void refusesABlockThatDecodesToMoreThanTheFrameAllows() {
    // One literal, then a match of 4 + 15 + 257 * 255 + 10 bytes.
    int[] block = new int[4 + 257 + 1 + 6];
    Arrays.fill(block, 255);
    block[0] = 0x1F;
    block[1] = 'a';
    block[2] = 1;
    block[3] = 0;
    block[4 + 257] = 10;
    System.arraycopy(new int[] {0x50, 'b', 'c', 'd', 'e', 'f'}, 0, block, 4 + 258, 6);
    plain().compressed(block).isRefused(15, "more than 65536 bytes");
  }

  @Test
  void saysWhereInTheStreamABlockIsMalformed() {
    // One literal, then a match 2 bytes back.
    plain().raw(RAW).compressed(0x10, 'a', 2, 0, 0).isRefused(34, "lies before its data");
  }

  @Test
  void refusesALinkedBlockThatRefersToBeforeTheFrame() {
    Frame first = new Frame().head(LINKED, 4).raw(RAW).ints(0);
    first.head(LINKED, 4).raw(RAW).compressed(0x00, 18, 0, 0).isRefused(65, "lies before its data");
  }

  @Test
  void readsALinkedBlockThatRefersToTheFirstByteOfTheFrame() {
    byte[] read = new Frame().head(LINKED, 4).raw(RAW).compressed(0x00, 17, 0, 0).ints(0).read();
    assertThat(read)
        .hasSize(21)
        .startsWith(RAW)
        .endsWith("raw ".getBytes(StandardCharsets.US_ASCII));
  }

  @Test
  void keepsAsMuchAsALinkedBlockCanReferTo() {
    byte[] noise = Lz4Frames.noise(100_000);
    Frame frame = new Frame().head(LINKED, 5).raw(noise).compressed(0x00, 0xFF, 0xFF, 0).ints(0);
    byte[] read = Lz4Frames.decompress(frame.bytes.toByteArray(), 10_000, 10_000);
    int start = noise.length - 0xFFFF;
    assertThat(Arrays.copyOfRange(read, noise.length, read.length))
        .isEqualTo(Arrays.copyOfRange(noise, start, start + 4));
  }

  @Test
  void skipsSkippableFrames() {
    Frame frame = new Frame().ints(0x184D2A50, 3).bytes(new byte[3]);
    frame.head(PLAIN, 4).raw(RAW).ints(0).ints(0x184D2A5F, 0);
    assertThat(frame.read()).isEqualTo(RAW);
  }

  @Test
  void isNotAtTheEndWithinASkippableFrame() {
    try (FrameDecompressor decompressor = Lz4Frames.CODEC.frameDecompressor()) {
      byte[] claim = Lz4Frames.ints(0x184D2A50, 0xFFFFFFFF, 1, 2, 3);
      assertThat(decompressor.decompress(ByteBuffer.wrap(claim), ByteBuffer.allocate(0))).isFalse();
    }
  }

  @Test
  void refusesWhatIsNoFrame() {
    new Frame().ints(0x184D2205).isRefused(0, "no LZ4 frame");
    new Frame().ints(0x184C2102).isRefused(0, "a legacy LZ4 frame");
    plain()
        .raw(RAW)
        .ints(0)
        .bytes("junk".getBytes(StandardCharsets.US_ASCII))
        .isRefused(32, "no LZ4");
  }

  @Test
  void saysTheSameAgainAfterAFailure() {
    try (FrameDecompressor decompressor = Lz4Frames.CODEC.frameDecompressor()) {
      ByteBuffer target = ByteBuffer.allocate(100);
      assertThatThrownBy(() -> decompressor.decompress(ByteBuffer.wrap(Lz4Frames.ints(1)), target))
          .isInstanceOf(CorruptCheckpointException.class);
      ByteBuffer good = ByteBuffer.wrap(Lz4Frames.compress(RAW, 1));
      assertThatThrownBy(() -> decompressor.decompress(good, target))
          .isInstanceOf(CorruptCheckpointException.class)
          .hasMessageContaining("offset 0");
    }
  }

  @Test
  void refusesATargetThatMayBeTooSmall() {
    try (FrameCompressor compressor = Lz4Frames.CODEC.frameCompressor(1)) {
      int needed = compressor.maxOutput(RAW.length);
      assertThatThrownBy(
              () ->
                  compressor.compress(ByteBuffer.wrap(RAW), ByteBuffer.allocate(needed - 1), true))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(Integer.toString(needed));
      assertThatThrownBy(() -> compressor.maxOutput(Integer.MAX_VALUE))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> compressor.maxOutput(-1))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void refusesAReadOnlyTarget() {
    ByteBuffer readOnly = ByteBuffer.allocate(100).asReadOnlyBuffer();
    try (FrameDecompressor decompressor = Lz4Frames.CODEC.frameDecompressor()) {
      assertThatThrownBy(() -> decompressor.decompress(ByteBuffer.wrap(RAW), readOnly))
          .isInstanceOf(ReadOnlyBufferException.class);
    }
  }
}
