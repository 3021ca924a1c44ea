package io.ringkernel.checkpoint.tck.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.compression.CompressionCodec;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Blocks come back as they were: every kind of content, at sizes around the usual bounds. */
public abstract class BlockRoundTripContract extends CodecContract {
  private static final int[] SIZES = {0, 1, 15, 64 * 1024, 64 * 1024 + 1, 1024 * 1024 + 3};

  /** For the codec's test class. */
  protected BlockRoundTripContract() {}

  @ParameterizedTest
  @EnumSource
  void givesBackWhatItCompressedAtTheLowestLevel(SampleContent content) {
    roundTrips(content, codec().minLevel());
  }

  @ParameterizedTest
  @EnumSource
  void givesBackWhatItCompressedAtTheDefaultLevel(SampleContent content) {
    roundTrips(content, codec().defaultLevel());
  }

  @ParameterizedTest
  @EnumSource
  void givesBackWhatItCompressedAtTheHighestLevel(SampleContent content) {
    roundTrips(content, codec().maxLevel());
  }

  @ParameterizedTest
  @EnumSource
  void givesBackWhatItCompressedAtEveryLevel(SampleContent content) {
    byte[] raw = content.bytes(20_000);
    CompressionCodec codec = codec();
    for (int level = codec.minLevel(); level <= codec.maxLevel(); level++) {
      byte[] stored = Coding.block(codec, level, raw);
      assertThat(Coding.unblock(codec, stored, raw.length)).as("level %d", level).isEqualTo(raw);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"ZEROS", "TEXT", "REPEATING"})
  void makesSmallerWhatCanBeMadeSmaller(SampleContent content) {
    byte[] raw = content.bytes(64 * 1024);
    assertThat(Coding.block(codec(), codec().defaultLevel(), raw)).hasSizeLessThan(raw.length / 2);
  }

  private void roundTrips(SampleContent content, int level) {
    CompressionCodec codec = codec();
    for (int size : SIZES) {
      byte[] raw = content.bytes(size);
      byte[] stored = Coding.block(codec, level, raw);
      assertThat(stored.length)
          .as("stored length of %d bytes", size)
          .isLessThanOrEqualTo(codec.maxCompressedLength(size));
      assertThat(Coding.unblock(codec, stored, size)).as("%d bytes", size).isEqualTo(raw);
    }
  }
}
