package io.ringkernel.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class CheckpointTest {
  private static final CheckpointMetadata METADATA =
      CheckpointMetadata.builder("sim", "wave").step(-1).build();

  private final AtomicInteger closes = new AtomicInteger();

  private static DataChunk region(String name, int size) {
    return DataChunk.region(name, ChunkContent.of(new byte[size]));
  }

  @Test
  void keepsDuplicatesAsADecoderFoundThem() {
    DataChunk first = region("a", 1);
    DataChunk second = region("a", 2);
    DataChunk control = DataChunk.of(ChunkType.CONTROL_BLOCK, 0, ChunkContent.empty());
    Checkpoint checkpoint =
        Checkpoint.of(METADATA, List.of(first, control, second), closes::incrementAndGet);

    assertThat(checkpoint.chunks()).containsExactly(first, control, second);
    assertThat(checkpoint.chunks(ChunkType.DEVICE_MEMORY)).containsExactly(first, second);
    assertThat(checkpoint.chunk(ChunkType.DEVICE_MEMORY)).contains(first);
    assertThat(checkpoint.region("a")).contains(first);
    assertThat(checkpoint.region("b")).isEmpty();
    assertThat(checkpoint.chunk(ChunkType.TELEMETRY)).isEmpty();
    assertThat(checkpoint.size()).isEqualTo(3);
    assertThat(checkpoint.metadata()).isSameAs(METADATA);
  }

  @Test
  void findsARegionByTheIdOfItsName() {
    DataChunk nameless =
        DataChunk.of(ChunkType.DEVICE_MEMORY, DataChunk.regionId("a"), ChunkContent.empty());
    DataChunk other = DataChunk.of(ChunkType.CUSTOM, DataChunk.regionId("b"), ChunkContent.empty());
    Checkpoint checkpoint = Checkpoint.of(METADATA, List.of(nameless, other), () -> {});

    assertThat(checkpoint.region("a")).contains(nameless);
    assertThat(checkpoint.region("b")).as("a custom chunk is no region").isEmpty();
  }

  @Test
  void closesOnce() throws Exception {
    Checkpoint checkpoint = Checkpoint.of(METADATA, List.of(), closes::incrementAndGet);

    Racing.results(
        4,
        () -> {
          checkpoint.close();
          return true;
        });

    assertThat(closes).hasValue(1);
  }

  @Test
  void aBuilderNeedsNoActionOnClose() {
    Checkpoint.builder(METADATA).build().close();
    Checkpoint.builder(METADATA).onClose(closes::incrementAndGet).build().close();

    assertThat(closes).hasValue(1);
  }

  @Test
  void isNotChangedByTheListItWasMadeOf() {
    List<DataChunk> chunks = new ArrayList<>(List.of(region("a", 1)));
    Checkpoint checkpoint = Checkpoint.of(METADATA, chunks, () -> {});
    chunks.clear();

    assertThat(checkpoint.chunks()).hasSize(1);
    assertThatThrownBy(() -> checkpoint.chunks().clear())
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void saysWhatItIs() {
    assertThat(Checkpoint.of(METADATA, List.of(region("a", 7)), () -> {}))
        .hasToString("checkpoint of 'sim' at step 18446744073709551615: 1 chunks, 7 bytes");
  }
}
