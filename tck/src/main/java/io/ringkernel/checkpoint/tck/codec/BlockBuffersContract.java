package io.ringkernel.checkpoint.tck.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.compression.BlockCompressor;
import io.ringkernel.checkpoint.compression.BlockDecompressor;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Blocks in every kind of memory: positions, limits, and not a byte outside the target. */
public abstract class BlockBuffersContract extends CodecContract {
  /** For the codec's test class. */
  protected BlockBuffersContract() {}

  static Stream<Arguments> pairs() {
    return Arrays.stream(BufferKind.values())
        .flatMap(
            source ->
                Arrays.stream(BufferKind.values())
                    .filter(BufferKind::isWritable)
                    .map(target -> Arguments.of(source, target)));
  }

  static Stream<BufferKind> writable() {
    return Arrays.stream(BufferKind.values()).filter(BufferKind::isWritable);
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void worksFromAnyMemoryToAny(BufferKind sourceKind, BufferKind targetKind) {
    for (int size : new int[] {0, 1, 5000, 70_000}) {
      byte[] raw = SampleContent.TEXT.bytes(size);
      byte[] stored = compressed(raw, sourceKind, targetKind);
      assertThat(decompressed(stored, size, sourceKind, targetKind))
          .as("%d bytes", size)
          .isEqualTo(raw);
    }
  }

  private byte[] compressed(byte[] raw, BufferKind sourceKind, BufferKind targetKind) {
    GuardedBuffer source = GuardedBuffer.holding(sourceKind, raw);
    GuardedBuffer target = GuardedBuffer.room(targetKind, codec().maxCompressedLength(raw.length));
    try (BlockCompressor compressor = codec().blockCompressor(codec().defaultLevel())) {
      int length = compressor.compress(source.buffer(), target.buffer());
      assertThat(target.moved()).as("how far the target has moved").isEqualTo(length);
    }
    assertUntouched(source, raw);
    target.assertIntact();
    return target.first(target.moved());
  }

  private byte[] decompressed(
      byte[] stored, int size, BufferKind sourceKind, BufferKind targetKind) {
    GuardedBuffer source = GuardedBuffer.holding(sourceKind, stored);
    GuardedBuffer target = GuardedBuffer.room(targetKind, size);
    try (BlockDecompressor decompressor = codec().blockDecompressor()) {
      decompressor.decompress(source.buffer(), target.buffer());
    }
    assertThat(target.moved()).as("how far the target has moved").isEqualTo(size);
    assertUntouched(source, stored);
    target.assertIntact();
    return target.all();
  }

  @ParameterizedTest
  @MethodSource("writable")
  void saysWhenTheResultDoesNotFit(BufferKind kind) {
    byte[] raw = SampleContent.RANDOM.bytes(4096);
    GuardedBuffer target = GuardedBuffer.room(kind, raw.length - 1);
    try (BlockCompressor compressor = codec().blockCompressor(codec().defaultLevel())) {
      GuardedBuffer source = GuardedBuffer.holding(kind, raw);
      assertThat(compressor.compress(source.buffer(), target.buffer()))
          .isEqualTo(BlockCompressor.DOES_NOT_FIT);
      assertUntouched(source, raw);
    }
    assertThat(target.moved()).as("how far the target has moved").isZero();
    target.assertIntact();
  }

  @ParameterizedTest
  @EnumSource(names = {"HEAP", "DIRECT"})
  void staysWithinATargetOfAnySize(BufferKind kind) {
    byte[] raw = SampleContent.TEXT.bytes(600);
    try (BlockCompressor compressor = codec().blockCompressor(codec().defaultLevel())) {
      for (int room = 0; room <= codec().maxCompressedLength(raw.length); room++) {
        GuardedBuffer target = GuardedBuffer.room(kind, room);
        int length =
            compressor.compress(GuardedBuffer.holding(kind, raw).buffer(), target.buffer());
        target.assertIntact();
        if (length == BlockCompressor.DOES_NOT_FIT) {
          assertThat(target.moved()).as("moved, of %d bytes", room).isZero();
        } else {
          assertThat(target.moved()).as("moved, of %d bytes", room).isEqualTo(length);
          assertThat(Coding.unblock(codec(), target.first(length), raw.length)).isEqualTo(raw);
        }
      }
    }
  }

  private static void assertUntouched(GuardedBuffer source, byte[] content) {
    assertThat(source.moved()).as("how far the source has moved").isZero();
    source.assertIntact();
    assertThat(source.all()).as("the source").isEqualTo(content);
  }
}
