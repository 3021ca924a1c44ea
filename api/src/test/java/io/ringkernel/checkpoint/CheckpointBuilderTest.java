package io.ringkernel.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class CheckpointBuilderTest {
  private static final CheckpointMetadata METADATA =
      CheckpointMetadata.builder("sim", "wave").step(-1).build();
  private static final ChunkContent ONE = ChunkContent.of(new byte[1]);

  static Stream<Arguments> kindsOfState() {
    return Stream.of(
        kind(CheckpointBuilder::controlBlock, ChunkType.CONTROL_BLOCK),
        kind(CheckpointBuilder::h2kQueue, ChunkType.H2K_QUEUE),
        kind(CheckpointBuilder::k2hQueue, ChunkType.K2H_QUEUE),
        kind(CheckpointBuilder::hlcState, ChunkType.HLC_STATE),
        kind(CheckpointBuilder::k2kRouting, ChunkType.K2K_ROUTING),
        kind(CheckpointBuilder::haloBuffers, ChunkType.HALO_BUFFERS),
        kind(CheckpointBuilder::telemetry, ChunkType.TELEMETRY));
  }

  private static Arguments kind(
      BiFunction<CheckpointBuilder, ChunkContent, CheckpointBuilder> method, ChunkType type) {
    return Arguments.of(type, method);
  }

  @ParameterizedTest
  @MethodSource("kindsOfState")
  void hasAMethodForEachKindOfState(
      ChunkType type, BiFunction<CheckpointBuilder, ChunkContent, CheckpointBuilder> method) {
    DataChunk chunk =
        method.apply(Checkpoint.builder(METADATA), ONE).build().chunk(type).orElseThrow();

    assertThat(chunk.id()).isZero();
    assertThat(chunk.name()).isEmpty();
    assertThat(chunk.content()).isSameAs(ONE);
  }

  @Test
  void namesRegionsAndNumbersCustomState() {
    Checkpoint checkpoint =
        Checkpoint.builder(METADATA).deviceMemory("pressure_a", ONE).custom(-2, ONE).build();

    assertThat(checkpoint.chunks()).hasSize(2);
    assertThat(checkpoint.chunks().get(0).type()).isEqualTo(ChunkType.DEVICE_MEMORY);
    assertThat(checkpoint.chunks().get(0).id()).isEqualTo(0x50653700c6865f9cL);
    assertThat(checkpoint.chunks().get(0).name()).contains("pressure_a");
    assertThat(checkpoint.chunks().get(1).type()).isEqualTo(ChunkType.CUSTOM);
    assertThat(checkpoint.chunks().get(1).id()).isEqualTo(-2);
  }

  @Test
  void refusesTwoRegionsOfOneId() {
    CheckpointBuilder builder = Checkpoint.builder(METADATA).deviceMemory("a", ONE);
    DataChunk sameId = DataChunk.of(ChunkType.DEVICE_MEMORY, DataChunk.regionId("a"), ONE);

    assertThatThrownBy(() -> builder.deviceMemory("a", ONE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("two regions with id " + Long.toHexString(DataChunk.regionId("a")))
        .hasMessageContaining("device-memory 'a'");
    assertThatThrownBy(() -> builder.chunk(sameId.withName("another name")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'another name'");
    assertThat(builder.build().chunks()).hasSize(1);
  }

  @Test
  void allowsDuplicatesOfEverythingElse() {
    Checkpoint checkpoint =
        Checkpoint.builder(METADATA)
            .custom(1, ONE)
            .custom(1, ONE)
            .controlBlock(ONE)
            .controlBlock(ONE)
            .build();

    assertThat(checkpoint.chunks(ChunkType.CUSTOM)).hasSize(2);
    assertThat(checkpoint.chunks(ChunkType.CONTROL_BLOCK)).hasSize(2);
  }

  @Test
  void keepsTheOrderAndTheReport() {
    CaptureReport report =
        new CaptureReport(Duration.ofMillis(2), CaptureReport.Mode.SHADOW, List.of("note"));
    Checkpoint checkpoint =
        Checkpoint.builder(METADATA)
            .telemetry(ONE)
            .controlBlock(ONE)
            .custom(3, ONE)
            .capture(report)
            .build();

    assertThat(checkpoint.chunks())
        .extracting(DataChunk::type)
        .containsExactly(ChunkType.TELEMETRY, ChunkType.CONTROL_BLOCK, ChunkType.CUSTOM);
    assertThat(checkpoint.capture()).contains(report);
    assertThat(Checkpoint.builder(METADATA).build().capture()).isEmpty();
  }
}
