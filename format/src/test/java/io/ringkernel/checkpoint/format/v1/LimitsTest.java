package io.ringkernel.checkpoint.format.v1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.error.LimitExceededException;
import io.ringkernel.checkpoint.format.DecodeOptions;
import io.ringkernel.checkpoint.format.v1.HandMadeFile.Chunk;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a file asks for is held against a limit before it is granted. */
class LimitsTest {
  private final Bench bench = Bench.with(new RunLengthCodec(1));
  private final HandMadeFile small = HandMadeFile.small();

  @AfterEach
  void giveBack() {
    bench.close();
  }

  @Test
  void refuseMetadataThatIsTooLong() {
    int length = small.chunkAt(0) - 68;

    bench.open(small.bytes(), options().maxMetadataLength(length).build());
    refuses(options().maxMetadataLength(length - 1).build(), "metadata length " + length);
  }

  @Test
  void areNeverNegative() {
    assertThatThrownBy(() -> options().maxMetadataLength(-1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at least 0 bytes, not -1");
    assertThatThrownBy(() -> options().maxIndexLength(-1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> options().maxSize(-1)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void refuseMoreChunkHeadersThanAnIndexMayBeLong() {
    bench.open(small.bytes(), options().maxIndexLength(96).build());
    refuses(options().maxIndexLength(95).build(), "bytes of chunk headers 96");
  }

  @Test
  void refuseMoreStateThanAllowed() {
    bench.open(small.bytes(), options().maxSize(14).build());
    refuses(
        options().maxSize(13).build(),
        "chunk 2 (custom 000000000000004d), behind 9 bytes of state: its size 5 is above the limit"
            + " of 4");
  }

  @ParameterizedTest
  @ValueSource(longs = {1L << 46, Long.MAX_VALUE, Long.MIN_VALUE, -1})
  void refuseASmallFrameThatStandsForTooMuch(long size) {
    byte[] frame = RunLengthCodec.frame(255, 0);
    small.compression = 1;
    small.chunks.add(new Chunk(5, 0, size, frame.length, 99, frame));

    refuses(DecodeOptions.defaults(), Long.toUnsignedString(size));
  }

  @Test
  void holdForMetadataReadAlone() {
    DecodeOptions tight = options().maxMetadataLength(70).build();

    assertThatThrownBy(
            () ->
                Version1Reader.readMetadata(ChunkContent.of(small.bytes()), tight)
                    .block(Bench.PATIENCE))
        .isInstanceOf(LimitExceededException.class)
        .hasMessageContaining("above the limit of 70");
  }

  private void refuses(DecodeOptions options, String message) {
    assertThatThrownBy(() -> bench.open(small.bytes(), options))
        .isInstanceOf(LimitExceededException.class)
        .satisfies(e -> assertThat(e).hasMessageContaining(message));
  }

  private static DecodeOptions.Builder options() {
    return DecodeOptions.builder();
  }
}
