package io.ringkernel.checkpoint.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.ChunkType;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.Dim3;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.tck.Patience;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** A checkpoint is taken over whole, or refused with nothing changed. */
class WaveRestoreTest {
  private static final WaveSetup SETUP = WaveSetup.ofSize(16).withThreads(2).withReportEvery(7);

  private final WaveKernel kernel = WaveKernel.start("sim", SETUP);
  private Checkpoint good;
  private String before;

  @BeforeEach
  void captureThenRunOn() {
    await(kernel.inject(new WaveSource(0, 8, 8, 8, 1, 12)));
    await(kernel.inject(new WaveSource(50, 3, 8, 8, 1, 12)));
    await(kernel.runTo(20));
    good = copied(await(kernel.createCheckpoint()));
    await(kernel.runTo(33));
    before = digest(kernel);
  }

  @AfterEach
  void close() {
    kernel.close();
  }

  private static <T> T await(Mono<T> mono) {
    return mono.block(Patience.LIMIT);
  }

  private static String digest(WaveKernel kernel) {
    try (Checkpoint checkpoint = await(kernel.createCheckpoint())) {
      return await(WaveDigest.of(checkpoint));
    }
  }

  /** The same state in memory of its own. */
  private static Checkpoint copied(Checkpoint checkpoint) {
    try (checkpoint) {
      return rebuilt(checkpoint, chunk -> chunk.withContent(ChunkContent.of(bytes(chunk))));
    }
  }

  private static ByteBuffer bytes(DataChunk chunk) {
    ByteBuffer bytes = ByteBuffer.allocate((int) chunk.size());
    await(chunk.content().read(0, bytes));
    return bytes.flip().order(ByteOrder.LITTLE_ENDIAN);
  }

  private static Checkpoint rebuilt(Checkpoint from, UnaryOperator<DataChunk> change) {
    return Checkpoint.of(from.metadata(), from.chunks().stream().map(change).toList(), () -> {});
  }

  private Checkpoint with(ChunkType type, Consumer<ByteBuffer> change) {
    return rebuilt(
        good,
        chunk -> {
          if (!chunk.type().equals(type)) {
            return chunk;
          }
          ByteBuffer bytes = bytes(chunk);
          change.accept(bytes);
          return chunk.withContent(ChunkContent.of(bytes.clear()));
        });
  }

  private Checkpoint with(CheckpointMetadata.Builder metadata) {
    return Checkpoint.of(metadata.build(), good.chunks(), () -> {});
  }

  private void assertRefused(Checkpoint checkpoint, String reason) {
    StepVerifier.create(kernel.restoreFromCheckpoint(checkpoint))
        .expectErrorSatisfies(
            e ->
                assertThat(e)
                    .isInstanceOf(KernelException.class)
                    .hasMessageStartingWith(
                        "kernel 'sim', restore: can't take over the checkpoint: ")
                    .hasMessageContaining(reason)
                    .hasMessageEndingWith("; nothing was changed"))
        .verify(Patience.LIMIT);
    assertThat(digest(kernel)).isEqualTo(before);
  }

  @Test
  void takesOverEveryByte() {
    await(kernel.restoreFromCheckpoint(good));

    try (Checkpoint now = await(kernel.createCheckpoint())) {
      assertThat(now.metadata()).isEqualTo(good.metadata());
      for (int i = 0; i < good.chunks().size(); i++) {
        assertThat(bytes(now.chunks().get(i))).isEqualTo(bytes(good.chunks().get(i)));
      }
    }
  }

  @Test
  void takesOverItsOwnCheckpointWhileThatIsOpen() {
    try (Checkpoint open = await(kernel.createCheckpoint())) {
      await(kernel.runTo(40));
      await(kernel.restoreFromCheckpoint(open));
    }
    assertThat(digest(kernel)).isEqualTo(before);
  }

  @Test
  void runsOnToWhatWasWaitedFor() throws Exception {
    CompletableFuture<Long> run = kernel.runTo(20_000).toFuture();
    await(kernel.restoreFromCheckpoint(good));

    assertThat(run.get(60, TimeUnit.SECONDS)).isEqualTo(20_000);
  }

  @Test
  void takesOverTheWallsToo() {
    try (WaveKernel other =
        WaveKernel.start("other", SETUP.withWalls(WaveSetup.Walls.REFLECTING))) {
      await(other.restoreFromCheckpoint(good));
      await(other.runTo(33));

      assertThat(digest(other)).isEqualTo(before);
    }
  }

  @Test
  void itsClockGoesOnAfterTheRestoredTime() {
    Checkpoint future = with(ChunkType.HLC_STATE, bytes -> bytes.putLong(0, Long.MAX_VALUE - 5));
    await(kernel.restoreFromCheckpoint(future));
    await(kernel.runTo(21));

    assertThat(await(kernel.takeReports()))
        .last()
        .satisfies(
            report -> {
              assertThat(report.step()).isEqualTo(21);
              assertThat(report.time().physical()).isEqualTo(Long.MAX_VALUE - 5);
            });
  }

  @Test
  void refusesAnotherTypeAndGrid() {
    assertRefused(
        with(good.metadata().toBuilder().kernelType("heat")),
        "it is of kernel type 'heat', this kernel's is 'wave3d-fdtd'");
    assertRefused(
        with(good.metadata().toBuilder().gridSize(new Dim3(16, 16, 17))),
        "its grid is 16 16 17, this kernel's is 16 16 16");
    assertRefused(
        with(good.metadata().toBuilder().step(21)),
        "its chunk control-block is of step 20, the checkpoint of step 21");
  }

  @Test
  void refusesWhatIsMissingTwiceOrTooMuch() {
    DataChunk first = good.region("pressure_a").orElseThrow();
    List<DataChunk> without = new ArrayList<>(good.chunks());
    without.remove(first);
    List<DataChunk> twice = new ArrayList<>(good.chunks());
    twice.add(first);
    List<DataChunk> more = new ArrayList<>(good.chunks());
    more.add(DataChunk.region("pressure_c", ChunkContent.empty()));

    assertRefused(
        Checkpoint.of(good.metadata(), without, () -> {}),
        "it has 0 chunks device-memory 'pressure_a' where 1 is needed");
    assertRefused(
        Checkpoint.of(good.metadata(), twice, () -> {}),
        "it has 2 chunks device-memory 'pressure_a' where 1 is needed");
    assertRefused(
        Checkpoint.of(good.metadata(), more, () -> {}),
        "this kernel has no place for its chunk device-memory 'pressure_c', 0 bytes");
  }

  @Test
  void refusesAnotherSizeAndNamesTheChunk() {
    assertRefused(
        rebuilt(
            good,
            chunk ->
                chunk.name().equals(java.util.Optional.of("pressure_b"))
                    ? chunk.withContent(chunk.content().slice(0, 12))
                    : chunk),
        "its chunk device-memory 'pressure_b' has 12 bytes where 16384 are needed");
  }

  @ParameterizedTest
  @CsvSource({
    "0, 1, no wave kernel's",
    "8, 2, no wave kernel's",
    "12, 2, flags",
    "16, -1, impossible",
    "24, 2, impossible",
    "28, 17, 17 cells",
    "32, 0, impossible",
    "36, 16, flags",
  })
  void refusesAControlBlockThatNoKernelWrites(int offset, int value, String reason) {
    assertRefused(
        with(
            ChunkType.CONTROL_BLOCK,
            bytes -> {
              if (offset == 16) {
                bytes.putLong(16, value);
              } else {
                bytes.putInt(offset, value);
              }
            }),
        reason);
  }

  @Test
  void refusesASourceThatWouldWriteOutsideTheGrid() {
    assertRefused(
        with(ChunkType.CONTROL_BLOCK, bytes -> bytes.putInt(36, 2).putInt(160 + 8, 16)),
        "control-block: source 1: ");
    assertRefused(
        with(ChunkType.H2K_QUEUE, bytes -> bytes.putInt(64 + 64 + 32 + 16, 1_000_000)),
        "h2k-queue: message 1: its cell is outside the grid");
  }

  @Test
  void refusesQueuesThatNoKernelWrites() {
    assertRefused(with(ChunkType.H2K_QUEUE, bytes -> bytes.putLong(0, -1)), "h2k-queue");
    assertRefused(with(ChunkType.H2K_QUEUE, bytes -> bytes.putLong(8, 40)), "h2k-queue");
    assertRefused(with(ChunkType.H2K_QUEUE, bytes -> bytes.putInt(16, 15)), "h2k-queue");
    assertRefused(with(ChunkType.K2H_QUEUE, bytes -> bytes.putInt(64, 9)), "another kind");
    assertRefused(with(ChunkType.K2H_QUEUE, bytes -> bytes.putLong(64 + 8, -1)), "its time is");
    assertRefused(with(ChunkType.HLC_STATE, bytes -> bytes.putLong(0, -1)), "hlc-state");
  }

  @Test
  void passesOnWhyAChunkCanNotBeReadAndRunsOn() {
    CorruptCheckpointException error = new CorruptCheckpointException(9, "a flipped bit");
    Checkpoint broken =
        rebuilt(
            good,
            chunk ->
                chunk.type().equals(ChunkType.DEVICE_MEMORY)
                    ? chunk.withContent(new Faulty(chunk.size(), Mono.error(error)))
                    : chunk);

    StepVerifier.create(kernel.restoreFromCheckpoint(broken))
        .expectErrorMatches(e -> e == error)
        .verify(Patience.LIMIT);
    assertThat(digest(kernel)).isEqualTo(before);
    await(kernel.runTo(40));
  }

  @Test
  void aCancelledRestoreChangesNothing() {
    Checkpoint endless =
        rebuilt(good, chunk -> chunk.withContent(new Faulty(chunk.size(), Mono.never())));

    Disposable restore = kernel.restoreFromCheckpoint(endless).subscribe();
    restore.dispose();

    assertThat(digest(kernel)).isEqualTo(before);
    await(kernel.restoreFromCheckpoint(good));
  }

  @Test
  void aClosedKernelRefuses() {
    kernel.close();
    Patience.until(
        "it refuses",
        () ->
            kernel
                .restoreFromCheckpoint(good)
                .thenReturn(false)
                .onErrorResume(KernelException.class, e -> Mono.just(true))
                .blockOptional(Patience.LIMIT)
                .orElseThrow());
  }

  private record Faulty(long size, Mono<Integer> answer) implements ChunkContent {
    @Override
    public Mono<Integer> read(long offset, ByteBuffer target) {
      return answer;
    }
  }
}
