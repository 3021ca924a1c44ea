package io.ringkernel.checkpoint.gpu.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.error.CheckpointException;
import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.error.MemoryLostException;
import io.ringkernel.checkpoint.kernel.AdaptedKernel;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import io.ringkernel.checkpoint.tck.Patience;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.TimeoutException;
import jcuda.Pointer;
import jcuda.driver.JCudaDriver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.Exceptions;
import reactor.core.publisher.Mono;

/**
 * Copies that don't end, from and to memory that the caller has pinned: he is told that the driver
 * still has it. No other memory is ever lost.
 */
@ExtendWith(OnStandIn.class)
@Timeout(60)
class StuckCopyTest {
  private static final int SIZE = 200_000;
  private static final byte[] STATE = Bytes.random(SIZE, 7);

  private final Pointer pinned = new Pointer();
  private GpuMemory memory;
  private AdaptedKernel kernel;

  @BeforeEach
  void adapt() {
    memory = new GpuMemory(STATE);
    GpuMemory.check(() -> JCudaDriver.cuMemHostAlloc(pinned, SIZE, 0));
    pinned().put(new byte[SIZE]);
    kernel =
        new CudaKernelAdapterProvider()
            .adapt(
                KernelDescriptor.builder("k", "t")
                    .standsStill()
                    .region("r", memory.memory())
                    .option("timeout", "100")
                    .option("quiesce-timeout", "100")
                    .option("ring-buffers", "2")
                    .build());
  }

  @AfterEach
  void giveBack() {
    StandIn.hold(0);
    StandIn.stick("");
    kernel.close().block(Bytes.LONG);
    GpuMemory.use(0);
    GpuMemory.check(() -> JCudaDriver.cuMemFreeHost(pinned));
    memory.close();
  }

  private ByteBuffer pinned() {
    return pinned.getByteBuffer(0, SIZE);
  }

  private static Throwable failureOfReading(Checkpoint checkpoint, ByteBuffer target) {
    ChunkContent content = checkpoint.chunks().get(0).content();
    return catchThrowable(() -> content.read(0, target).block(Bytes.LONG));
  }

  private static Checkpoint of(ByteBuffer bytes) {
    return Checkpoint.of(
        CheckpointMetadata.builder("k", "t").build(),
        List.of(DataChunk.region("r", ChunkContent.of(bytes))),
        () -> {});
  }

  private Throwable failureOfRestoring(ByteBuffer bytes) {
    try (Checkpoint checkpoint = of(bytes)) {
      return catchThrowable(() -> kernel.restoreFromCheckpoint(checkpoint).block(Bytes.LONG));
    }
  }

  private static void assertLost(Throwable failure) {
    assertThat(failure)
        .isInstanceOf(MemoryLostException.class)
        .hasMessageContaining("kernel 'k'")
        .hasMessageContaining("don't use it again, nor free it")
        .hasCauseInstanceOf(TimeoutException.class);
  }

  private static void assertLate(Throwable failure) {
    assertThat(failure)
        .isInstanceOf(KernelException.class)
        .hasCauseInstanceOf(TimeoutException.class);
  }

  @Test
  void tellsThatPinnedMemoryIsStillWrittenTo() {
    try (Checkpoint checkpoint = kernel.createCheckpoint().block(Bytes.LONG)) {
      StandIn.hold(1);

      Throwable failure = failureOfReading(checkpoint, pinned());

      assertLost(failure);
      assertThat(failure).hasMessageContaining("a copy from the device did not end within 100 ms");
      assertThat(pinned().get(0)).isZero();
      StandIn.hold(0);
      Patience.until("it is written to", () -> pinned().equals(ByteBuffer.wrap(STATE)));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"cuMemcpyDtoHAsync", "cuEventRecord"})
  void tellsItWhenTheDriverItselfDoesNotReturn(String function) {
    try (Checkpoint checkpoint = kernel.createCheckpoint().block(Bytes.LONG)) {
      StandIn.stick(function);

      Throwable failure = failureOfReading(checkpoint, pinned());

      assertLost(failure);
      assertThat(failure).hasMessageContaining("the driver has not answered for 1 s 200 ms");
      StandIn.stick("");
    }
  }

  @Test
  void doesNotTellItOfOtherMemory() {
    try (Checkpoint checkpoint = kernel.createCheckpoint().block(Bytes.LONG)) {
      ByteBuffer target = ByteBuffer.allocateDirect(SIZE);
      StandIn.hold(1);

      assertLate(failureOfReading(checkpoint, target));

      StandIn.hold(0);
      ByteBuffer again = ByteBuffer.allocateDirect(SIZE);
      checkpoint.chunks().get(0).content().read(0, again).block(Bytes.LONG);
      assertThat(again.flip()).isEqualTo(ByteBuffer.wrap(STATE));
      assertThat(target).isEqualTo(ByteBuffer.allocate(SIZE));
    }
  }

  @Test
  void tellsThatAPinnedCheckpointIsStillReadFrom() {
    byte[] other = Bytes.random(SIZE, 8);
    StandIn.hold(1);

    Throwable failure = failureOfRestoring(pinned().put(0, other));

    assertLost(failure);
    assertThat(failure).hasMessageContaining("it stands still with 0 of 200000 bytes written");
    StandIn.hold(0);
    assertThat(failureOfRestoring(ByteBuffer.wrap(STATE))).isNull();
    assertThat(memory.read()).isEqualTo(STATE);
  }

  /** It would write to the restored state, at whatever time. More often than there are buffers. */
  @Test
  void restoresNothingWhileAnEarlierCopyToTheDeviceMayStillEnd() {
    for (int i = 0; i < 3; i++) {
      StandIn.hold(1);
      assertLate(failureOfRestoring(ByteBuffer.wrap(Bytes.random(SIZE, i))));

      Throwable failure = failureOfRestoring(ByteBuffer.wrap(STATE));

      assertLate(failure);
      assertThat(failure).hasMessageContaining("an earlier copy to the device has not ended yet");
      StandIn.hold(0);
      assertThat(failureOfRestoring(ByteBuffer.wrap(STATE))).isNull();
      assertThat(memory.read()).isEqualTo(STATE);
    }
  }

  @Test
  void tellsThatARestoreIsStuckThoughTheDriverDoesNotReturn() {
    StandIn.stick("cuMemcpyHtoDAsync");

    Throwable failure = failureOfRestoring(ByteBuffer.wrap(Bytes.random(SIZE, 8)));

    assertLate(failure);
    assertThat(failure)
        .hasMessageContaining("it stands still with 0 of 200000 bytes written")
        .hasMessageContaining("the driver has not answered for 1 s 200 ms");
    StandIn.stick("");
    // It waits for its turn, which the stuck one gives back when it ends after all.
    assertThat(failureOfRestoring(ByteBuffer.wrap(STATE))).isNull();
    assertThat(memory.read()).isEqualTo(STATE);
  }

  @Test
  void tellsThatAComparisonIsStuckThoughTheDriverDoesNotReturn() {
    Checkpoint base =
        Checkpoint.of(
            CheckpointMetadata.builder("k", "t").build(),
            List.of(
                DataChunk.region("r", ChunkContent.of(STATE))
                    .withFingerprints(Mono.just(PersistentKernelTest.fingerprints(STATE, 65_536)))),
            () -> {});
    StandIn.stick("cuMemcpyHtoDAsync");

    assertLate(catchThrowable(() -> kernel.createIncrementalCheckpoint(base).block(Bytes.LONG)));

    StandIn.stick("");
    try (Checkpoint made = kernel.createIncrementalCheckpoint(base).block(Bytes.LONG)) {
      assertThat(made.chunks().get(0).changedBlocks().orElseThrow().isChanged(0)).isFalse();
    }
  }

  @Test
  void doesNotTellItOfAnotherCheckpoint() {
    StandIn.hold(1);

    assertLate(failureOfRestoring(ByteBuffer.wrap(Bytes.random(SIZE, 8))));

    StandIn.hold(0);
    assertThat(failureOfRestoring(ByteBuffer.wrap(STATE))).isNull();
    assertThat(memory.read()).isEqualTo(STATE);
  }

  @Test
  void saysAboveAllThatMemoryIsLost() {
    Throwable several =
        Exceptions.multiple(
            new DriverException("cuEventQuery", 1, null),
            new StuckDriverException("a copy did not end", true));

    CheckpointException told =
        new Failures("k").of(KernelException.Phase.CAPTURE, "its content can't be read", several);

    assertThat(told)
        .isInstanceOf(MemoryLostException.class)
        .hasMessageContaining("its content can't be read: a copy did not end");
  }
}
