package io.ringkernel.checkpoint.tck.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.compression.BlockCompressor;
import io.ringkernel.checkpoint.compression.CompressionCodec;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The same input and level give the same bytes, whatever came before and wherever they lie. */
public abstract class CodecDeterminismContract extends CodecContract {
  /** For the codec's test class. */
  protected CodecDeterminismContract() {}

  @ParameterizedTest
  @EnumSource(names = {"MIN", "DEFAULT", "MIDDLE", "MAX"})
  void makesTheSameBlocksWhateverCameBefore(Level which) {
    CompressionCodec codec = codec();
    int level = which.of(codec);
    Random random = new Random(3);
    try (BlockCompressor used = codec.blockCompressor(level)) {
      for (int round = 0; round < 10; round++) {
        int size = round % 4 == 0 ? 64 * 1024 : random.nextInt(100_000);
        for (SampleContent content : SampleContent.values()) {
          byte[] raw = content.bytes(size);
          byte[] fresh = Coding.block(codec, level, raw);
          // A result that does not fit leaves the state in the midst of things.
          used.compress(
              GuardedBuffer.holding(BufferKind.DIRECT, raw).buffer(),
              GuardedBuffer.room(BufferKind.DIRECT, fresh.length / 2).buffer());
          byte[] again = Coding.block(used, codec.maxCompressedLength(size), raw);
          assertThat(Arrays.equals(again, fresh)).as("same, for %d of %s", size, content).isTrue();
        }
      }
    }
  }

  /** A level that every codec has. */
  enum Level {
    MIN,
    DEFAULT,
    MIDDLE,
    MAX;

    int of(CompressionCodec codec) {
      return switch (this) {
        case MIN -> codec.minLevel();
        case DEFAULT -> codec.defaultLevel();
        case MIDDLE -> (codec.minLevel() + codec.maxLevel()) / 2;
        case MAX -> codec.maxLevel();
      };
    }
  }

  @ParameterizedTest
  @EnumSource
  void makesTheSameBlocksFromAnyMemory(BufferKind kind) {
    CompressionCodec codec = codec();
    byte[] raw = SampleContent.TEXT.bytes(70_000);
    byte[] expected = Coding.block(codec, codec.defaultLevel(), raw);
    for (BufferKind targetKind : BufferKind.values()) {
      if (targetKind.isWritable()) {
        GuardedBuffer target =
            GuardedBuffer.room(targetKind, codec.maxCompressedLength(raw.length));
        try (BlockCompressor compressor = codec.blockCompressor(codec.defaultLevel())) {
          compressor.compress(GuardedBuffer.holding(kind, raw).buffer(), target.buffer());
        }
        assertThat(target.first(target.moved())).as("into %s", targetKind).isEqualTo(expected);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {100, 1_000, 200_000, 2_500_000})
  void makesTheSameFrameHoweverItsContentIsCut(int size) {
    CompressionCodec codec = codec();
    byte[] raw = SampleContent.WAVE.bytes(size);
    byte[] expected = Coding.frame(codec, codec.defaultLevel(), raw);
    for (int piece : new int[] {size, size / 2, size / 3, size / 100, 128 * 1024, 1024 * 1024}) {
      for (BufferKind kind : new BufferKind[] {BufferKind.HEAP, BufferKind.DIRECT}) {
        byte[] frame = Coding.frame(codec, codec.defaultLevel(), raw, piece, kind, kind);
        assertThat(Arrays.equals(frame, expected))
            .as("same frame from pieces of %d bytes, %s", piece, kind)
            .isTrue();
      }
    }
  }

  @Test
  void makesTheSameFrameWhenTheEndIsToldLater() {
    CompressionCodec codec = codec();
    byte[] raw = SampleContent.TEXT.bytes(1000);
    byte[] expected = Coding.frame(codec, codec.defaultLevel(), raw);
    try (var compressor = codec.frameCompressor(codec.defaultLevel())) {
      GuardedBuffer target =
          GuardedBuffer.room(
              BufferKind.DIRECT, compressor.maxOutput(raw.length) + compressor.maxOutput(0));
      compressor.compress(
          GuardedBuffer.holding(BufferKind.DIRECT, raw).buffer(), target.buffer(), false);
      compressor.compress(GuardedBuffer.room(BufferKind.DIRECT, 0).buffer(), target.buffer(), true);
      assertThat(target.first(target.moved())).isEqualTo(expected);
    }
  }
}
