package io.ringkernel.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.error.MemoryLostException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;

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

  private Checkpoint released(Mono<Void> release) {
    return Checkpoint.builder(METADATA)
        .onRelease(
            Mono.defer(
                () -> {
                  closes.incrementAndGet();
                  return release;
                }))
        .build();
  }

  @AfterEach
  void tellReactorAgain() {
    Hooks.resetOnErrorDropped();
  }

  @Test
  void isReleasedOnceAndAllAreToldTheSame() {
    Sinks.Empty<Void> runs = Sinks.empty();
    Checkpoint checkpoint = released(runs.asMono());
    Mono<Void> release = checkpoint.release();
    assertThat(closes).as("nothing before somebody asks").hasValue(0);

    StepVerifier first = StepVerifier.create(release).expectComplete().verifyLater();
    StepVerifier second = StepVerifier.create(release).expectComplete().verifyLater();
    checkpoint.close();
    runs.tryEmitEmpty();

    first.verify();
    second.verify();
    StepVerifier.create(checkpoint.release()).verifyComplete();
    assertThat(closes).hasValue(1);
  }

  @Test
  void isReleasedToTheEndThoughWhoAskedGivesUp() {
    Sinks.Empty<Void> runs = Sinks.empty();
    Checkpoint checkpoint = released(runs.asMono());
    Disposable waiting = checkpoint.release().subscribe();

    waiting.dispose();

    assertThat(runs.currentSubscriberCount()).isEqualTo(1);
    runs.tryEmitEmpty();
    StepVerifier.create(checkpoint.release()).verifyComplete();
    assertThat(closes).hasValue(1);
  }

  @Test
  void saysThatTheKernelDoesNotRunOnToAllWhoAsk() {
    IllegalStateException stuck = new IllegalStateException("stuck");
    Checkpoint checkpoint = released(Mono.error(stuck));
    List<Throwable> dropped = new ArrayList<>();
    Hooks.onErrorDropped(dropped::add);

    List<Throwable> told = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      checkpoint.release().subscribe(nothing -> {}, told::add);
      checkpoint.close();
    }

    assertThat(told.get(1)).isSameAs(told.get(0));
    assertThat(told.get(0))
        .isInstanceOfSatisfying(
            KernelException.class,
            e -> {
              assertThat(e.kernelId()).isEqualTo("sim");
              assertThat(e.phase()).isEqualTo(KernelException.Phase.RESUME);
            })
        .hasCause(stuck);
    assertThat(dropped).as("somebody knows").isEmpty();
    assertThat(closes).hasValue(1);
  }

  @Test
  void passesOnAnErrorThatSaysItAll() {
    MemoryLostException lost = new MemoryLostException("sim", "m", null);

    StepVerifier.create(released(Mono.error(lost)).release())
        .verifyErrorSatisfies(error -> assertThat(error).isSameAs(lost));
  }

  @Test
  void closingAloneTellsReactorOfAFailure() {
    List<Throwable> dropped = new ArrayList<>();
    Hooks.onErrorDropped(dropped::add);
    Checkpoint checkpoint = released(Mono.error(new IllegalStateException("stuck")));

    checkpoint.close();
    checkpoint.close();

    assertThat(dropped).singleElement().asString().contains("stuck");
    StepVerifier.create(checkpoint.release()).verifyError(KernelException.class);
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
