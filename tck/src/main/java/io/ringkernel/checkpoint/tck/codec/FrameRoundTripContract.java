package io.ringkernel.checkpoint.tck.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.compression.CompressionCodec;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Streams come back as they were, however they are cut, through every kind of memory. */
public abstract class FrameRoundTripContract extends CodecContract {
  private static final int[] SIZES = {
    0, 1, 15, 64 * 1024, 64 * 1024 + 1, 1024 * 1024 + 3, 5 * 1024 * 1024
  };

  /** For the codec's test class. */
  protected FrameRoundTripContract() {}

  static Stream<Arguments> pairs() {
    return BlockBuffersContract.pairs();
  }

  @ParameterizedTest
  @EnumSource
  void givesBackWhatItCompressed(SampleContent content) {
    for (int size : SIZES) {
      byte[] raw = content.bytes(size);
      assertGivesBack(raw, Coding.frame(codec(), codec().defaultLevel(), raw));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"TEXT", "WAVE"})
  void givesBackWhatItCompressedAtTheOuterLevels(SampleContent content) {
    CompressionCodec codec = codec();
    byte[] raw = content.bytes(1024 * 1024 + 3);
    assertGivesBack(raw, Coding.frame(codec, codec.minLevel(), raw));
    assertGivesBack(raw, Coding.frame(codec, codec.maxLevel(), raw));
  }

  @ParameterizedTest
  @EnumSource(names = {"ZEROS", "TEXT", "REPEATING"})
  void makesSmallerWhatCanBeMadeSmaller(SampleContent content) {
    byte[] raw = content.bytes(3_000_000);
    assertThat(Coding.frame(codec(), codec().defaultLevel(), raw).length)
        .isLessThan(raw.length / 2);
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void worksFromAnyMemoryToAny(BufferKind sourceKind, BufferKind targetKind) {
    CompressionCodec codec = codec();
    byte[] raw = SampleContent.TEXT.bytes(300_000);
    byte[] stored = Coding.frame(codec, codec.defaultLevel(), raw, 70_000, sourceKind, targetKind);
    Coding.Decoded decoded = Coding.unframe(codec, stored, 9_000, 50_000, sourceKind, targetKind);
    assertThat(decoded.bytes()).isEqualTo(raw);
    assertThat(decoded.atEnd()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 1000, 64 * 1024 + 1, 1024 * 1024})
  void compressesPiecesOfAnySize(int piece) {
    byte[] raw = SampleContent.WAVE.bytes(Math.min(200_000, 500 * piece));
    byte[] stored =
        Coding.frame(
            codec(), codec().defaultLevel(), raw, piece, BufferKind.DIRECT, BufferKind.HEAP);
    assertGivesBack(raw, stored);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 1000, 64 * 1024 + 1, 1024 * 1024})
  void decompressesFromPiecesOfAnySizeIntoAny(int sourcePiece) {
    byte[] raw = SampleContent.TEXT.bytes(Math.min(150_000, 1000 * sourcePiece));
    byte[] stored = Coding.frame(codec(), codec().defaultLevel(), raw);
    for (int targetPiece : new int[] {13, 4096, 200_000}) {
      for (BufferKind kind : new BufferKind[] {BufferKind.HEAP, BufferKind.DIRECT}) {
        Coding.Decoded decoded =
            Coding.unframe(codec(), stored, sourcePiece, targetPiece, kind, kind);
        assertThat(decoded.atEnd()).isTrue();
        assertThat(Arrays.equals(decoded.bytes(), raw))
            .as("same content through targets of %d bytes", targetPiece)
            .isTrue();
      }
    }
  }

  private void assertGivesBack(byte[] raw, byte[] stored) {
    Coding.Decoded decoded = Coding.unframe(codec(), stored);
    assertThat(decoded.atEnd()).as("at the end, after %d bytes", raw.length).isTrue();
    assertThat(Arrays.equals(decoded.bytes(), raw)).as("same %d bytes", raw.length).isTrue();
  }
}
