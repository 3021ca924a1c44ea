package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.format.Compression;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
}
