package io.ringkernel.checkpoint.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.ChunkType;
import io.ringkernel.checkpoint.Dim3;
import io.ringkernel.checkpoint.HlcTimestamp;
import io.ringkernel.checkpoint.error.KernelException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

class KernelDescriptorTest {
  private static final KernelMemory MEMORY = new KernelMemory.Device(0x7f00, 16);

  @Test
  void keepsThePartsInOrder() {
    KernelDescriptor descriptor =
        KernelDescriptor.builder("sim", "wave")
            .controlBlock(MEMORY)
            .region("pressure_a", MEMORY)
            .part(ChunkType.CUSTOM, 9, MEMORY)
            .standsStill()
            .build();

    assertThat(descriptor.parts())
        .containsExactly(
            new KernelDescriptor.Part(ChunkType.CONTROL_BLOCK, 0, null, MEMORY),
            new KernelDescriptor.Part(
                ChunkType.DEVICE_MEMORY, 0x50653700c6865f9cL, "pressure_a", MEMORY),
            new KernelDescriptor.Part(ChunkType.CUSTOM, 9, null, MEMORY));
    assertThatThrownBy(() -> descriptor.parts().clear())
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void hasDefaultsForWhatIsNotTold() {
    KernelDescriptor descriptor =
        KernelDescriptor.builder("sim", "wave").controlBlock(MEMORY).standsStill().build();

    assertThat(descriptor.kernelId()).isEqualTo("sim");
    assertThat(descriptor.kernelType()).isEqualTo("wave");
    assertThat(descriptor.gridSize()).isEqualTo(Dim3.NONE);
    assertThat(descriptor.tileSize()).isEqualTo(Dim3.NONE);
    assertThat(descriptor.step().getAsLong()).isZero();
    assertThat(descriptor.hlc().get()).isEqualTo(HlcTimestamp.ZERO);
    assertThat(descriptor.custom().get()).isEmpty();
    assertThat(descriptor.options()).isEmpty();
    StepVerifier.create(descriptor.quiesce().get()).verifyComplete();
    StepVerifier.create(descriptor.resume().get()).verifyComplete();
  }

  @Test
  void mustBeToldHowTheKernelComesToStandStill() {
    KernelDescriptor.Builder silent = KernelDescriptor.builder("sim", "wave").region("a", MEMORY);

    assertThatThrownBy(silent::build)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("'sim'")
        .hasMessageContaining("quiesce(stop, go)")
        .hasMessageContaining("standsStill()");
  }

  @Test
  void carriesWhatItWasTold() {
    Mono<Void> quiesce = Mono.empty();
    Mono<Void> resume = Mono.empty();
    KernelDescriptor descriptor =
        KernelDescriptor.builder("sim", "wave")
            .controlBlock(MEMORY)
            .gridSize(new Dim3(1, 2, 3))
            .tileSize(new Dim3(4, 5, 6))
            .step(() -> 42)
            .hlc(() -> new HlcTimestamp(1, 2, 3))
            .quiesce(() -> quiesce, () -> resume)
            .option("device", "1")
            .build();

    assertThat(descriptor.gridSize()).isEqualTo(new Dim3(1, 2, 3));
    assertThat(descriptor.tileSize()).isEqualTo(new Dim3(4, 5, 6));
    assertThat(descriptor.step().getAsLong()).isEqualTo(42);
    assertThat(descriptor.hlc().get()).isEqualTo(new HlcTimestamp(1, 2, 3));
    assertThat(descriptor.quiesce().get()).isSameAs(quiesce);
    assertThat(descriptor.resume().get()).isSameAs(resume);
    assertThat(descriptor.options()).isEqualTo(Map.of("device", "1"));
  }

  @Test
  void saysOfTheKernelWhatItsSourcesSayAtThatMoment() {
    Map<String, String> losses = new HashMap<>(Map.of("loss", "0.5"));
    long[] step = {7};
    KernelDescriptor descriptor =
        KernelDescriptor.builder("sim", "wave")
            .controlBlock(MEMORY)
            .gridSize(new Dim3(1, 2, 3))
            .tileSize(new Dim3(4, 5, 6))
            .step(() -> step[0])
            .hlc(() -> new HlcTimestamp(step[0], 2, 3))
            .custom(() -> losses)
            .standsStill()
            .build();
    step[0] = 8;
    losses.put("loss", "0.4");

    assertThat(descriptor.metadata())
        .isEqualTo(
            CheckpointMetadata.builder("sim", "wave")
                .step(8)
                .gridSize(new Dim3(1, 2, 3))
                .tileSize(new Dim3(4, 5, 6))
                .hlc(new HlcTimestamp(8, 2, 3))
                .custom("loss", "0.4")
                .build());
  }

  @Test
  void mustBeToldSomethingToCapture() {
    KernelDescriptor.Builder nothing =
        KernelDescriptor.builder("sim", "wave").step(() -> 1).custom(Map::of).standsStill();

    assertThatThrownBy(nothing::build)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("'sim'")
        .hasMessageContaining("region(name, memory)");
    assertThat(nothing.controlBlock(MEMORY).build().parts())
        .as("a control block alone is a state")
        .hasSize(1);
  }

  static Stream<Arguments> sourcesThatGiveWhatNobodyCanKeep() {
    return Stream.of(
        arguments("custom", "an empty one", described().custom(() -> null)),
        arguments("custom", "a key", described().custom(() -> oneEntry(null, "0.5"))),
        arguments("custom", "'loss'", described().custom(() -> oneEntry("loss", null))),
        arguments(
            "custom",
            "no loss",
            described().custom(() -> oneEntry("loss", "" + failing("no loss")))),
        arguments("hlc", "a time", described().hlc(() -> null)),
        arguments("step", "no step", described().step(() -> failing("no step"))));
  }

  private static KernelDescriptor.Builder described() {
    return KernelDescriptor.builder("sim", "wave").controlBlock(MEMORY).standsStill();
  }

  private static Map<String, String> oneEntry(String key, String value) {
    Map<String, String> entries = new HashMap<>();
    entries.put(key, value);
    return entries;
  }

  private static long failing(String message) {
    throw new IllegalArgumentException(message);
  }

  @ParameterizedTest
  @MethodSource("sourcesThatGiveWhatNobodyCanKeep")
  void namesTheSourceThatGivesWhatNobodyCanKeep(
      String source, String reason, KernelDescriptor.Builder described) {
    assertThatThrownBy(described.build()::metadata)
        .isInstanceOfSatisfying(
            KernelException.class,
            e -> assertThat(e.phase()).isEqualTo(KernelException.Phase.CAPTURE))
        .hasMessageContaining("'sim'")
        .hasMessageContaining(source)
        .hasMessageContaining(reason)
        .hasCauseInstanceOf(RuntimeException.class);
  }

  @Test
  void leavesASourcesOwnErrorAsItIs() {
    KernelException own = new KernelException("sim", KernelException.Phase.CAPTURE, "own", null);
    KernelDescriptor descriptor =
        described()
            .custom(
                () -> {
                  throw own;
                })
            .build();

    assertThatThrownBy(descriptor::metadata).isSameAs(own);
  }

  @Test
  void hostMemoryIsTheWindowsAsTheyWere() {
    ByteBuffer first = ByteBuffer.allocate(10).position(2).limit(8);
    List<ByteBuffer> buffers = new ArrayList<>(List.of(first, ByteBuffer.allocateDirect(5)));
    KernelMemory.Host memory = new KernelMemory.Host(buffers);
    first.clear();
    buffers.clear();

    assertThat(memory.size()).isEqualTo(11);
    assertThat(memory.buffers()).hasSize(2);
    memory.buffers().get(0).put(0, (byte) 7);
    assertThat(first.get(2)).as("the memory itself, not a copy").isEqualTo((byte) 7);
    assertThat(new KernelMemory.Host(ByteBuffer.allocate(3)).size()).isEqualTo(3);
  }

  @Test
  void deviceMemoryHasASize() {
    assertThat(MEMORY.size()).isEqualTo(16);
    assertThatThrownBy(() -> new KernelMemory.Device(1, -1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("size must be at least 0, not -1");
  }

  @Test
  void aKernelWithoutDeltasGivesAFullCheckpoint() {
    Checkpoint full = Checkpoint.builder(CheckpointMetadata.builder("k", "t").build()).build();
    CheckpointableKernel kernel = new Simple(full);

    assertThat(kernel.supportsIncremental()).isFalse();
    StepVerifier.create(kernel.createIncrementalCheckpoint(full)).expectNext(full).verifyComplete();
  }

  @Test
  void memoryThatCouldNotBeRestoredIsRefused() {
    ByteBuffer readOnly = ByteBuffer.allocate(8).asReadOnlyBuffer();

    assertThatThrownBy(() -> new KernelMemory.Host(readOnly))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("read-only");
  }

  private record Simple(Checkpoint full) implements CheckpointableKernel {
    @Override
    public String kernelId() {
      return "k";
    }

    @Override
    public String kernelType() {
      return "t";
    }

    @Override
    public Mono<Checkpoint> createCheckpoint() {
      return Mono.just(full);
    }

    @Override
    public Mono<Void> restoreFromCheckpoint(Checkpoint checkpoint) {
      return Mono.empty();
    }
  }
}
