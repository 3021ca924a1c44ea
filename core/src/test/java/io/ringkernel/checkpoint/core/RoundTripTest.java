package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.error.LimitExceededException;
import io.ringkernel.checkpoint.format.Compression;
import io.ringkernel.checkpoint.format.DecodeOptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RoundTripTest {
  @ParameterizedTest
  @CsvSource({"1,none", "2,none", "1,lz4", "2,lz4", "1,zstd", "2,zstd:7"})
  void givesBackWhatWasSaved(int version, String compression) {
    Checkpointer checkpointer =
        Checkpointer.builder("memory:")
            .formatVersion(version)
            .compression(Compression.parse(compression))
            .build();
    Checkpoint state = TestStates.of("fdtd", 12);

    SaveReceipt receipt = checkpointer.save("sim/a", state).block(LONG);

    assertThat(receipt.name()).isEqualTo("sim/a");
    assertThat(receipt.sequence()).isEqualTo(1);
    assertThat(receipt.step()).isEqualTo(12);
    assertThat(receipt.captured()).isEqualTo(state.size());
    assertThat(receipt.formatVersion()).isEqualTo(version);
    try (Checkpoint loaded = checkpointer.load("sim/a").block(LONG)) {
      assertThat(TestStates.bytes(loaded)).isEqualTo(TestStates.bytes(state));
      assertThat(loaded.metadata().custom()).isEqualTo(state.metadata().custom());
      assertThat(loaded.metadata().hlc()).isEqualTo(state.metadata().hlc());
    }
    assertThat(checkpointer.fileContent("sim/a").block(LONG).size()).isEqualTo(receipt.stored());
    checkpointer.close().block(LONG);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void savesNoMetadataThatItCouldNotReadItself(int version) {
    CheckpointMetadata metadata =
        TestStates.metadata("fdtd", 12).toBuilder().custom("note", "x".repeat(1000)).build();
    Checkpoint state =
        Checkpoint.builder(metadata).controlBlock(ChunkContent.of(new byte[10])).build();
    Checkpointer enough = limited(version, 1200);
    Checkpointer tooLittle = limited(version, 1000);

    enough.save("a", state).block(LONG);
    enough.load("a").block(LONG).close();
    assertThatThrownBy(() -> tooLittle.save("a", state).block(LONG))
        .isInstanceOf(LimitExceededException.class)
        .hasMessageContainingAll("metadata length", "limit of 1000", "maxMetadataLength");
    assertThat(tooLittle.list("").collectList().block(LONG)).isEmpty();
    assertThat(tooLittle.collect(StoreFixture.AT_ONCE).block(LONG).objects()).isZero();
    enough.close().block(LONG);
    tooLittle.close().block(LONG);
  }

  private static Checkpointer limited(int version, int maxMetadataLength) {
    return Checkpointer.builder("memory:")
        .formatVersion(version)
        .decoding(DecodeOptions.builder().maxMetadataLength(maxMetadataLength).build())
        .build();
  }
}
