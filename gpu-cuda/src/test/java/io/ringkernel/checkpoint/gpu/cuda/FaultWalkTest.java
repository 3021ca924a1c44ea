package io.ringkernel.checkpoint.gpu.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.error.CheckpointException;
import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import io.ringkernel.checkpoint.tck.Patience;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import jcuda.driver.CUstream;
import jcuda.driver.CUstream_flags;
import jcuda.driver.JCudaDriver;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;

/**
 * Each call of the driver fails once in turn, along the ways that {@link DriverFaultTest} does not
 * go: nothing hangs or leaks, the error is typed, and the kernel runs on, or stands still where it
 * has half a state.
 */
@ExtendWith(OnStandIn.class)
@Timeout(180)
class FaultWalkTest {
  private static final int REFUSED = 1;
  private static final int SIZE = 9000;
  private static final int BLOCK = 1024;

  /** One way, walked with one call failing; answers what it failed with, or null. */
  private interface Way {
    void walk() throws Exception;
  }

  /** Walks a way until no call is left to fail; gives the names of those that did. */
  private static Set<String> walkWithEachCallFailing(Way way) throws Exception {
    Set<String> failed = new TreeSet<>();
    for (int call = 1; call < 1000; call++) {
      int live = liveObjects();
      StandIn.failAt(call, REFUSED);
      way.walk();
      String name = StandIn.failedCallName();
      StandIn.failAt(0, 0);
      assertThat(liveObjects()).as("live objects after call %d, %s", call, name).isEqualTo(live);
      if (name.isEmpty()) {
        return failed;
      }
      failed.add(name);
    }
    throw new AssertionError("it never ends");
  }

  private static int liveObjects() {
    int count = 0;
    for (StandIn.Kind kind : StandIn.Kind.values()) {
      count += StandIn.live(kind);
    }
    return count;
  }

  private static void assertTyped(RuntimeException failure, Class<?> type) {
    assertThat(failure)
        .isInstanceOf(type)
        .hasMessageContaining("answered CUDA_ERROR_INVALID_VALUE");
    assertThat(StandIn.failedCallName()).as("what failed: %s", failure).isNotEmpty();
  }

  private interface Step<T> {
    T run();
  }

  /** Tries again what failed; it must work then. */
  private static <T> T twice(Class<?> type, Step<T> step) {
    try {
      return step.run();
    } catch (RuntimeException e) {
      assertTyped(e, type);
      return step.run();
    }
  }

  @Test
  void aHandshakeIsAllocatedAndFreed() throws Exception {
    Set<String> failed =
        walkWithEachCallFailing(
            () -> {
              GpuMemory.use(0);
              Handshake handshake =
                  twice(KernelException.class, () -> Handshake.allocate("k", Bytes.LONG));
              twice(
                  KernelException.class,
                  () -> {
                    handshake.close();
                    return "";
                  });
              handshake.close();
            });
    assertThat(failed)
        .contains("cuCtxGetCurrent", "cuCtxSetCurrent", "cuMemHostAlloc", "cuMemAlloc")
        .contains("cuMemsetD8", "cuMemHostGetDevicePointer", "cuMemFree", "cuMemFreeHost");
  }

  @ParameterizedTest
  @ValueSource(strings = {"primary", "current"})
  void aPersistentKernelIsAdaptedAndClosed(String context) throws Exception {
    GpuMemory.use(0);
    try (GpuMemory memory = new GpuMemory(new byte[SIZE]);
        Handshake handshake = Handshake.allocate("k", Bytes.LONG)) {
      Set<String> failed =
          walkWithEachCallFailing(
              () -> {
                GpuMemory.use(0);
                CudaKernel kernel =
                    twice(
                        KernelException.class,
                        () ->
                            new CudaKernelAdapterProvider()
                                .adapt(
                                    handshake
                                        .describe(KernelDescriptor.builder("k", "t"))
                                        .region("r", memory.memory())
                                        .option("context", context)
                                        .option("ring-buffers", "1")
                                        .option("ring-buffer-size", "4096")
                                        .build()));
                // What could not be given back at once was tried again by itself.
                assertThatCode(() -> kernel.close().block(Bytes.LONG)).doesNotThrowAnyException();
              });
      assertThat(failed).contains("cuMemAlloc", "cuMemHostAlloc", "cuStreamCreate", "cuMemFree");
      assertThat(failed.contains("cuDevicePrimaryCtxRetain")).isEqualTo(context.equals("primary"));
    }
  }

  @Test
  void theProviderSaysWhyItCanNotStart() throws Exception {
    // What the driver answers as it is loaded is asked again each time.
    assertThat(new CudaKernelAdapterProvider().unavailable()).isEmpty();
    Set<String> failed =
        walkWithEachCallFailing(
            () -> {
              String why = new CudaKernelAdapterProvider().unavailable().orElse("");
              assertThat(why.isEmpty()).isEqualTo(StandIn.failedCallName().isEmpty());
              if (!why.isEmpty()) {
                assertThat(why)
                    .startsWith("the CUDA driver can't start: ")
                    .endsWith(" answered CUDA_ERROR_INVALID_VALUE");
              }
            });
    assertThat(failed).containsExactly("cuDeviceGetCount", "cuInit");
    assertThat(new CudaKernelAdapterProvider().unavailable()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"shadow", "straight"})
  void aKernelInAStreamIsCapturedAndRestored(String capture) throws Exception {
    byte[] state = Bytes.random(SIZE, 1);
    AtomicInteger held = new AtomicInteger();
    CUstream stream = new CUstream();
    try (GpuMemory memory = new GpuMemory(state)) {
      GpuMemory.check(
          () -> JCudaDriver.cuStreamCreate(stream, CUstream_flags.CU_STREAM_NON_BLOCKING));
      CudaKernel kernel =
          new CudaKernelAdapterProvider()
              .adapt(
                  KernelDescriptor.builder("k", "t")
                      .region("r", memory.memory())
                      .quiesce(StreamOrder.of(stream, () -> Mono.fromRunnable(() -> held.set(1))))
                      .resume(() -> Mono.fromRunnable(() -> held.set(0)))
                      .option("capture", capture)
                      .option("ring-buffers", "1")
                      .option("ring-buffer-size", "4096")
                      .option("block-size", Integer.toString(BLOCK))
                      .build());
      Checkpoint base = base(state);
      Set<String> failed =
          walkWithEachCallFailing(
              () -> {
                assertThat(twice(KernelException.class, () -> captured(kernel))).isEqualTo(state);
                Patience.until("it is let go", () -> held.get() == 0);
                twice(KernelException.class, () -> compared(kernel, base));
                Patience.until("it is let go", () -> held.get() == 0);
                restoreTwice(kernel, base, held);
                assertThat(held).as("it runs on").hasValue(0);
                assertThat(memory.read()).isEqualTo(state);
              });
      assertThat(failed)
          .contains("cuEventRecord", "cuEventQuery", "cuLaunchKernel", "cuMemcpyHtoDAsync")
          .contains("cuMemcpyDtoHAsync", "cuCtxSetCurrent");
      kernel.close().block(Bytes.LONG);
      GpuMemory.use(0);
      GpuMemory.check(() -> JCudaDriver.cuStreamDestroy(stream));
    }
  }

  private static byte[] captured(CudaKernel kernel) {
    try (Checkpoint checkpoint = kernel.createCheckpoint().block(Bytes.LONG)) {
      return Bytes.of(checkpoint.chunks().get(0));
    }
  }

  private static boolean compared(CudaKernel kernel, Checkpoint base) {
    try (Checkpoint checkpoint = kernel.createIncrementalCheckpoint(base).block(Bytes.LONG)) {
      return checkpoint.chunks().get(0).changedBlocks().orElseThrow().isChanged(0);
    }
  }

  /** It stands still after a restore that failed half-way, and only then. */
  private static void restoreTwice(CudaKernel kernel, Checkpoint checkpoint, AtomicInteger held) {
    try {
      kernel.restoreFromCheckpoint(checkpoint).block(Bytes.LONG);
    } catch (CheckpointException e) {
      assertTyped(e, KernelException.class);
      boolean stands = e.getMessage().contains("it stands still with ");
      assertThat(held).as("%s", e.getMessage()).hasValue(stands ? 1 : 0);
      kernel.restoreFromCheckpoint(checkpoint).block(Bytes.LONG);
    }
  }

  private static Checkpoint base(byte[] state) {
    DataChunk chunk =
        DataChunk.region("r", ChunkContent.of(state))
            .withFingerprints(Mono.just(PersistentKernelTest.fingerprints(state, BLOCK)));
    return Checkpoint.of(CheckpointMetadata.builder("k", "t").build(), List.of(chunk), () -> {});
  }

  @ParameterizedTest
  @ValueSource(strings = {"direct", "read-first"})
  void aPersistentKernelIsRestored(String how) throws Exception {
    // One buffer: with two, which call is the so-many-th would change from walk to walk.
    String[] options = {"restore", how, "ring-buffers", "1"};
    try (PersistentWave wave = new PersistentWave(0, Bytes.LONG, options).launch()) {
      untilItGotOn(wave);
      try (Checkpoint early = wave.kernel().createCheckpoint().block(Bytes.LONG)) {
        AtomicInteger stood = new AtomicInteger();
        Set<String> failed =
            walkWithEachCallFailing(
                () -> {
                  untilItGotOn(wave);
                  restoreOnceMore(wave, early, stood);
                });
        assertThat(failed)
            .contains("cuCtxSetCurrent", "cuMemcpyHtoDAsync", "cuEventRecord", "cuEventQuery");
        assertThat(stood).as("some failed half-way").hasPositiveValue();
      }
      untilItGotOn(wave);
      try (Checkpoint later = wave.kernel().createCheckpoint().block(Bytes.LONG)) {
        assertThat(PersistentWave.field(later))
            .isEqualTo(PersistentWave.reference(later.metadata().step()));
      }
    }
  }

  private static void restoreOnceMore(
      PersistentWave wave, Checkpoint checkpoint, AtomicInteger stood) {
    try {
      wave.kernel().restoreFromCheckpoint(checkpoint).block(Bytes.LONG);
    } catch (CheckpointException e) {
      assertTyped(e, KernelException.class);
      if (e.getMessage().contains("it stands still with ")) {
        stood.incrementAndGet();
        assertThat(wave.handshake().phase()).isEqualTo(Handshake.Phase.QUIESCED);
        wave.kernel().restoreFromCheckpoint(checkpoint).block(Bytes.LONG);
      }
    }
    untilItGotOn(wave);
  }

  private static void untilItGotOn(PersistentWave wave) {
    long step = wave.step();
    Patience.until("it does another step", () -> wave.step() > step);
  }
}
