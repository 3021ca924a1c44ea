package io.ringkernel.checkpoint.gpu.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.BlockFingerprints;
import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.FingerprintAlgorithm;
import io.ringkernel.checkpoint.kernel.AdaptedKernel;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import jcuda.driver.CUstream;
import jcuda.driver.CUstream_flags;
import jcuda.driver.JCudaDriver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * What is done while a kernel stands still, from its acknowledgement until it is told to run on:
 * the calls of the driver that must be, by one thread, which neither sets a timer nor wakes another
 * thread.
 */
@ExtendWith(OnStandIn.class)
@Timeout(60)
class StallTest {
  private static final int BLOCK = 4096;
  private static final byte[] STATE = Bytes.random(3 * BLOCK, 11);

  /** Of the calls that were made by then. */
  private volatile long stopped;

  private volatile long resumed;
  private volatile Thread stopper;
  private volatile Thread resumer;
  private volatile boolean stands;

  /** Timers and tasks for other threads that were scheduled within a stall, by its thread. */
  private final AtomicInteger scheduled = new AtomicInteger();

  @BeforeEach
  void countWhatIsScheduled() {
    Schedulers.onScheduleHook(
        "stall",
        task -> {
          if (stands && Thread.currentThread() == stopper) {
            scheduled.incrementAndGet();
          }
          return task;
        });
  }

  @AfterEach
  void countNoMore() {
    Schedulers.resetOnScheduleHook("stall");
  }

  private void stands() {
    stopper = Thread.currentThread();
    stopped = StandIn.calls();
    stands = true;
  }

  private void runsOn() {
    stands = false;
    resumed = StandIn.calls();
    resumer = Thread.currentThread();
  }

  private KernelDescriptor.Builder describe(GpuMemory one, GpuMemory other) {
    return KernelDescriptor.builder("k", "t")
        .region("one", one.memory())
        .region("other", other.memory())
        .quiesce(() -> Mono.fromRunnable(this::stands), () -> Mono.fromRunnable(this::runsOn))
        .option("block-size", Integer.toString(BLOCK));
  }

  private static AdaptedKernel adapt(KernelDescriptor.Builder descriptor) {
    return new CudaKernelAdapterProvider().adapt(descriptor.build());
  }

  /** A base of which every block differs. */
  private static Checkpoint other() {
    BlockFingerprints none =
        BlockFingerprints.of(
            BLOCK, FingerprintAlgorithm.XXH3_128, new byte[STATE.length / BLOCK * 16]);
    List<DataChunk> chunks =
        List.of(
            DataChunk.region("one", ChunkContent.of(STATE)).withFingerprints(Mono.just(none)),
            DataChunk.region("other", ChunkContent.of(STATE)).withFingerprints(Mono.just(none)));
    return Checkpoint.of(CheckpointMetadata.builder("k", "t").build(), chunks, () -> {});
  }

  private List<String> made() {
    return StandIn.callNames(stopped, resumed);
  }

  private void assertOneThreadThatWakesNobody() {
    assertThat(resumer).isNotNull().isSameAs(stopper);
    assertThat(scheduled).as("timers and tasks for other threads").hasValue(0);
  }

  @Test
  void aCopyTakesOneCallForEachRegionAndNoTimer() {
    try (GpuMemory one = new GpuMemory(STATE);
        GpuMemory other = new GpuMemory(STATE)) {
      AdaptedKernel kernel = adapt(describe(one, other));

      kernel.createCheckpoint().block(Bytes.LONG).close();

      assertThat(made())
          .containsExactly(
              "cuCtxSetCurrent", "cuMemcpyDtoDAsync", "cuMemcpyDtoDAsync", "cuStreamQuery");
      assertOneThreadThatWakesNobody();
      kernel.close().block(Bytes.LONG);
    }
  }

  @Test
  void aComparisonTakesOneLaunchAndIsReadOnceTheKernelRunsOn() {
    try (GpuMemory one = new GpuMemory(STATE);
        GpuMemory other = new GpuMemory(STATE)) {
      AdaptedKernel kernel = adapt(describe(one, other));

      try (Checkpoint made = kernel.createIncrementalCheckpoint(other()).block(Bytes.LONG)) {
        assertThat(made.chunks().get(0).changedBlocks()).isPresent();
      }

      assertThat(made()).containsExactly("cuCtxSetCurrent", "cuLaunchKernel", "cuStreamQuery");
      assertOneThreadThatWakesNobody();
      kernel.close().block(Bytes.LONG);
    }
  }

  /** It stands still only once its stream is empty, which is asked of the driver. */
  @Test
  void aStreamIsAwaitedAndThenCopiedByTheSameThread() {
    CUstream stream = new CUstream();
    try (GpuMemory one = new GpuMemory(STATE);
        GpuMemory other = new GpuMemory(STATE)) {
      GpuMemory.check(
          () -> JCudaDriver.cuStreamCreate(stream, CUstream_flags.CU_STREAM_NON_BLOCKING));
      AdaptedKernel kernel =
          adapt(
              describe(one, other)
                  .quiesce(
                      StreamOrder.of(stream, () -> Mono.fromRunnable(this::stands)),
                      () -> Mono.fromRunnable(this::runsOn)));

      kernel.createCheckpoint().block(Bytes.LONG).close();

      assertThat(made())
          .containsExactly(
              "cuCtxSetCurrent",
              "cuEventRecord",
              "cuEventQuery",
              "cuCtxSetCurrent",
              "cuMemcpyDtoDAsync",
              "cuMemcpyDtoDAsync",
              "cuStreamQuery");
      assertOneThreadThatWakesNobody();
      kernel.close().block(Bytes.LONG);
      GpuMemory.use(0);
      GpuMemory.check(() -> JCudaDriver.cuStreamDestroy(stream));
    }
  }

  @Test
  void theHostCopiesItsPartsWhileTheDeviceCopiesItsOwn() {
    try (GpuMemory memory = new GpuMemory(STATE)) {
      KernelDescriptor descriptor =
          KernelDescriptor.builder("k", "t").standsStill().region("r", memory.memory()).build();
      Context context = Context.primary(0);
      DriverThreads threads =
          new DriverThreads("k", 2, context.handle(), Bytes.LONG, new Deadlines(Bytes.LONG));
      Runnable enter = () -> Driver.makeCurrent(context.handle());
      State state = State.of(descriptor, new Failures("k"));
      CudaOptions options = CudaOptions.of(descriptor);
      Device device = new Device(descriptor, options, state, context, threads, enter);
      Shadow shadow = device.shadows().take(new ArrayList<>());
      CompletableFuture<Void> host = new CompletableFuture<>();

      StandIn.hold(1);
      Mono<Void> moved = device.mover().move(shadow, null, () -> host.complete(null)).cache();
      moved.subscribe();
      host.orTimeout(Bytes.LONG.toMillis(), TimeUnit.MILLISECONDS).join();
      StandIn.hold(0);
      moved.block(Bytes.LONG);

      shadow.giveBack();
      assertThat(device.close(enter)).isNull();
      threads.dispose();
    }
  }

  @Test
  void theHostCopiesItsPartsBeforeTheKernelsBlocksAreDone() {
    // Never launched: they never are.
    PersistentWave wave = new PersistentWave(0, Duration.ofMillis(200));
    AtomicBoolean copied = new AtomicBoolean();

    assertThatThrownBy(() -> wave.handshake().capture(0, () -> copied.set(true)).block(Bytes.LONG))
        .hasMessageContaining("last said: silent");

    assertThat(copied).isTrue();
    wave.close();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aPersistentKernelIsCopiedByItsOwnBlocksWithoutTheDriver(boolean compared) {
    try (PersistentWave wave = PersistentWave.watched(this::stands, this::runsOn).launch()) {
      Checkpoint known;
      try (Checkpoint base = wave.kernel().createCheckpoint().block(Bytes.LONG)) {
        known = PersistentKernelTest.baseOf(base, new ArrayList<>());
      }
      if (compared) {
        wave.kernel().createIncrementalCheckpoint(known).block(Bytes.LONG).close();
      }
      assertThat(made()).isEmpty();
      assertOneThreadThatWakesNobody();
    }
  }
}
