package io.ringkernel.checkpoint.compression.zstd;

import static io.ringkernel.checkpoint.compression.zstd.ZstdFrames.bytes;
import static io.ringkernel.checkpoint.compression.zstd.ZstdFrames.joined;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.ringkernel.checkpoint.compression.FrameCompressor;
import io.ringkernel.checkpoint.compression.FrameDecompressor;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import io.ringkernel.checkpoint.error.LimitExceededException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ReadOnlyBufferException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What streams hold to beyond the contract: windows, offsets, failures, staging. */
class ZstdFrameRulesTest {
  private static final byte[] MAGIC = bytes(0x28, 0xB5, 0x2F, 0xFD);
  private static final byte[] ABC = bytes(0x19, 0, 0, 'a', 'b', 'c');

  @AfterEach
  void leavesNoPieceOut() {
    assertThat(Staging.open()).isZero();
  }

  @Test
  void writesAContentChecksum() {
    ByteBuffer frame = ByteBuffer.wrap(ZstdFrames.compress(ZstdFrames.content(1000), 3));
    FrameHead head = FrameHead.parse(frame.order(ByteOrder.LITTLE_ENDIAN), 0);
    assertThat(head.hasChecksum()).isTrue();
    assertThat(head.end(frame, 0)).isEqualTo(frame.limit());
  }

  @Test
  void readsItsOwnWindowAtTheHighestLevel() {
    byte[] raw = ZstdFrames.content(300_000);
    byte[] stored = ZstdFrames.compress(raw, 19);
    FrameHead head = FrameHead.parse(ByteBuffer.wrap(stored).order(ByteOrder.LITTLE_ENDIAN), 0);
    assertThat(head.windowSize()).isEqualTo(8 * 1024 * 1024);
    assertThat(ZstdFrames.decompress(stored, 1000, 1000)).isEqualTo(raw);
  }

  @Test
  void takesAWindowOf8MibAndNoLarger() {
    // 10 + 13 = 23 bits of window, then an eighth more.
    byte[] largest = joined(MAGIC, bytes(0x00, 13 << 3), ABC);
    assertThat(ZstdFrames.decompress(largest, 1, 10)).containsExactly('a', 'b', 'c');
    isTooLarge(joined(MAGIC, bytes(0x00, 13 << 3 | 1), ABC), "9437184");
    isTooLarge(joined(MAGIC, bytes(0x00, 0xFF), ABC), "4123168604160");
  }

  @Test
  void takesTheContentForTheWindowOfASingleSegment() {
    byte[] claim = bytes(0xE0, 0, 0, 0, 0, 0, 0, 0, 0x80);
    isTooLarge(joined(MAGIC, claim, ABC), "9223372036854775808");
    isTooLarge(joined(MAGIC, bytes(0xA0, 0, 0, 0, 0x80), ABC), "2147483648");
  }

  @Test
  void limitsTheWindowsOfLaterFramesToo() {
    byte[] first = joined(MAGIC, bytes(0x20, 3), ABC);
    byte[] skippable = bytes(0x50, 0x2A, 0x4D, 0x18, 2, 0, 0, 0, 0xFF, 0xFF);
    isTooLarge(joined(first, skippable, MAGIC, bytes(0x00, 0xFF), ABC), "4123168604160");
  }

  @Test
  void takesTheLengthOfASkippableFrameForNoWindow() {
    byte[] skippable = joined(bytes(0x50, 0x2A, 0x4D, 0x18, 0, 0xFF, 0, 0), new byte[0xFF00]);
    byte[] stored = joined(skippable, MAGIC, bytes(0x20, 3), ABC);
    assertThat(ZstdFrames.decompress(stored, 1000, 10)).containsExactly('a', 'b', 'c');
  }

  private static void isTooLarge(byte[] stored, String window) {
    for (int piece : new int[] {1, stored.length}) {
      assertThatThrownBy(() -> ZstdFrames.decompress(stored, piece, 100))
          .isInstanceOf(LimitExceededException.class)
          .hasMessageContaining(window)
          .hasMessageContaining("recompress");
    }
  }

  @Test
  void saysWhereInTheStreamItWasWhenAFrameTurnedOutDamaged() {
    byte[] good = joined(MAGIC, bytes(0x20, 3), ABC);
    byte[] bad = joined(good, MAGIC, bytes(0x20, 3, 0x1F, 0, 0, 'a', 'b', 'c'));
    assertThatThrownBy(() -> ZstdFrames.decompress(bad, bad.length, 100))
        .asInstanceOf(type(CorruptCheckpointException.class))
        .satisfies(
            e -> {
              assertThat(e.offset()).isEqualTo(good.length);
              assertThat(e.reason()).contains("in the 12 bytes from there");
              assertThat(e).hasCauseInstanceOf(RuntimeException.class);
            });
    assertThatThrownBy(() -> ZstdFrames.decompress(bad, 1, 100))
        .asInstanceOf(type(CorruptCheckpointException.class))
        .satisfies(e -> assertThat(e.offset()).isEqualTo(good.length + 8));
  }

  @Test
  void saysTheSameAgainAfterAFailure() {
    try (FrameDecompressor decompressor = ZstdFrames.CODEC.frameDecompressor()) {
      ByteBuffer target = ByteBuffer.allocate(100);
      assertThatThrownBy(() -> decompressor.decompress(ByteBuffer.wrap(ABC), target))
          .isInstanceOf(CorruptCheckpointException.class);
      ByteBuffer good = ByteBuffer.wrap(ZstdFrames.compress(ABC, 1));
      assertThatThrownBy(() -> decompressor.decompress(good, target))
          .isInstanceOf(CorruptCheckpointException.class)
          .hasMessageContaining("offset 0");
    }
  }

  @Test
  void givesOutWhatItHoldsBackWithoutAnyMoreSource() {
    byte[] twoBlocks = joined(MAGIC, bytes(0x20, 6), bytes(0x18, 0, 0, 'd', 'e', 'f'), ABC);
    for (boolean direct : new boolean[] {false, true}) {
      ByteBuffer target = direct ? ByteBuffer.allocateDirect(6) : ByteBuffer.allocate(6);
      ByteBuffer source = ByteBuffer.wrap(twoBlocks).limit(twoBlocks.length - ABC.length);
      try (FrameDecompressor decompressor = ZstdFrames.CODEC.frameDecompressor()) {
        assertThat(decompressor.decompress(source, target.limit(1))).isFalse();
        assertThat(source.hasRemaining()).isFalse();
        assertThat(decompressor.decompress(source, target.limit(3))).isFalse();
        assertThat(target.position()).isEqualTo(3);
        source.limit(twoBlocks.length);
        assertThat(decompressor.decompress(source, target.limit(6))).isTrue();
        assertThat(target.flip()).isEqualTo(ByteBuffer.wrap(bytes('d', 'e', 'f', 'a', 'b', 'c')));
      }
    }
  }

  @Test
  void isNotAtTheEndWithinASkippableFrame() {
    byte[] claim = bytes(0x50, 0x2A, 0x4D, 0x18, 0xFF, 0xFF, 0xFF, 0xFF, 1, 2, 3);
    try (FrameDecompressor decompressor = ZstdFrames.CODEC.frameDecompressor()) {
      assertThat(decompressor.decompress(ByteBuffer.wrap(claim), ByteBuffer.allocate(1))).isFalse();
    }
  }

  @Test
  void refusesATargetThatMayBeTooSmall() {
    try (FrameCompressor compressor = ZstdFrames.CODEC.frameCompressor(1)) {
      int needed = compressor.maxOutput(ABC.length);
      assertThatThrownBy(
              () ->
                  compressor.compress(ByteBuffer.wrap(ABC), ByteBuffer.allocate(needed - 1), true))
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
    try (FrameDecompressor decompressor = ZstdFrames.CODEC.frameDecompressor()) {
      assertThatThrownBy(() -> decompressor.decompress(ByteBuffer.wrap(ABC), readOnly))
          .isInstanceOf(ReadOnlyBufferException.class);
    }
  }

  @Test
  void worksOnWhenThePoolOfPiecesIsSpent() {
    byte[] raw = ZstdFrames.content(400_000);
    byte[] expected = ZstdFrames.compress(raw, 3);
    List<FrameDecompressor> open = new ArrayList<>();
    try {
      for (int i = 0; i < 40; i++) {
        FrameDecompressor decompressor = ZstdFrames.CODEC.frameDecompressor();
        open.add(decompressor);
        decompressor.decompress(ByteBuffer.wrap(expected, 0, 100), ByteBuffer.allocate(10));
      }
      assertThat(Staging.open()).isEqualTo(80);
      assertThat(ZstdFrames.compress(raw, 3)).isEqualTo(expected);
      assertThat(ZstdFrames.decompress(expected, 50_000, 50_000)).isEqualTo(raw);
    } finally {
      open.forEach(FrameDecompressor::close);
    }
  }
}
