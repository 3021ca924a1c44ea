package io.ringkernel.checkpoint.gpu.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.HlcTimestamp;
import io.ringkernel.checkpoint.error.CheckpointException;
import io.ringkernel.checkpoint.kernel.AdaptedKernel;
import io.ringkernel.checkpoint.kernel.CheckpointableKernel;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import io.ringkernel.checkpoint.kernel.QuiescedKernel;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Each call of the driver fails once in turn, along the ways that {@link DriverFaultTest} does not
 * go: nothing hangs or leaks, the error is typed, and the kernel runs on, or stands still where it
 * has half a state.
 */
@ExtendWith(OnStandIn.class)
@Timeout(180)
class FaultWalkTest {
  private static final int SIZE = 9000;

  private final FaultWalk faults = new FaultWalk(FaultWalk.REFUSED);

  @Test
  void aHandshakeIsAllocatedAndFreed() throws Exception {
    Set<String> failed =
        faults.withEachCallFailing(
            () -> {
              GpuMemory.use(0);
              Handshake handshake = faults.twice(() -> Handshake.allocate("k", Bytes.LONG));
              faults.twice(
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
          faults.withEachCallFailing(
              () -> {
                GpuMemory.use(0);
                AdaptedKernel kernel =
                    faults.twice(
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
        faults.withEachCallFailing(
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

  private static String restore(CheckpointableKernel kernel, Checkpoint checkpoint) {
    kernel.restoreFromCheckpoint(checkpoint).block(Bytes.LONG);
    return "";
  }

  @ParameterizedTest
  @ValueSource(strings = {"direct", "read-first"})
  void aPersistentKernelIsRestored(String how) throws Exception {
    // One buffer: with two, which call is the so-many-th would change from walk to walk.
    String[] options = {"restore", how, "ring-buffers", "1"};
    try (PersistentWave wave = new PersistentWave(0, Bytes.LONG, options).launch()) {
      wave.untilItGotOn();
      try (Checkpoint early = wave.kernel().createCheckpoint().block(Bytes.LONG)) {
        AtomicInteger stood = new AtomicInteger();
        Set<String> failed =
            faults.withEachCallFailing(
                () -> {
                  wave.untilItGotOn();
                  restoreOnceMore(wave, early, stood);
                });
        assertThat(failed)
            .contains("cuCtxSetCurrent", "cuMemcpyHtoDAsync", "cuEventRecord", "cuEventQuery");
        assertThat(stood).as("some failed half-way").hasPositiveValue();
      }
      wave.untilItGotOn();
      try (Checkpoint later = wave.kernel().createCheckpoint().block(Bytes.LONG)) {
        PersistentWave.assertIsTheReference(later);
      }
    }
  }

  private void restoreOnceMore(PersistentWave wave, Checkpoint checkpoint, AtomicInteger stood) {
    try {
      wave.kernel().restoreFromCheckpoint(checkpoint).block(Bytes.LONG);
    } catch (CheckpointException e) {
      faults.assertTold(e);
      if (e.getMessage().contains("it stands still with ")) {
        stood.incrementAndGet();
        assertThat(wave.handshake().phase()).isEqualTo(Handshake.Phase.QUIESCED);
        wave.kernel().restoreFromCheckpoint(checkpoint).block(Bytes.LONG);
      }
    }
    wave.untilItGotOn();
  }

  @Test
  void aPersistentKernelThatStandsIsRestored() throws Exception {
    try (PersistentWave wave = new PersistentWave(0, Bytes.LONG, "ring-buffers", "1").launch()) {
      wave.untilItGotOn();
      try (Checkpoint early = wave.kernel().createCheckpoint().block(Bytes.LONG)) {
        Set<String> failed =
            faults.withEachCallFailing(
                () -> {
                  wave.untilItGotOn();
                  QuiescedKernel standing = wave.kernel().quiesce().block(Bytes.LONG);
                  faults.twice(() -> restore(standing, early));
                  assertThat(wave.handshake().phase()).isEqualTo(Handshake.Phase.QUIESCED);
                  assertThat(wave.step()).isEqualTo(early.metadata().step());
                  standing.resume(HlcTimestamp.ZERO).block(Bytes.LONG);
                });
        assertThat(failed).contains("cuMemcpyHtoDAsync", "cuMemcpyDtoHAsync", "cuEventQuery");
      }
      wave.untilItGotOn();
      try (Checkpoint later = wave.kernel().createCheckpoint().block(Bytes.LONG)) {
        PersistentWave.assertIsTheReference(later);
      }
    }
  }

  private static AdaptedKernel inTwo(
      int device, String one, GpuMemory first, String other, GpuMemory second) {
    return new CudaKernelAdapterProvider()
        .adapt(
            KernelDescriptor.builder("k", "t")
                .standsStill()
                .region(one, first.memory())
                .region(other, second.memory())
                .option("device", Integer.toString(device))
                .option("ring-buffers", "1")
                .option("ring-buffer-size", "4096")
                .build());
  }

  /** To another device, where its regions are in another order. */
  @Test
  void aStateMovesToAnotherDevice() throws Exception {
    byte[] large = Bytes.random(SIZE, 1);
    byte[] small = Bytes.random(100, 2);
    try (GpuMemory a = new GpuMemory(large);
        GpuMemory b = new GpuMemory(small);
        GpuMemory farA = new GpuMemory(1, new byte[SIZE]);
        GpuMemory farB = new GpuMemory(1, new byte[100])) {
      AdaptedKernel source = inTwo(0, "a", a, "b", b);
      AdaptedKernel target = inTwo(1, "b", farB, "a", farA);
      Set<String> failed =
          faults.withEachCallFailing(
              () -> {
                farA.write(new byte[SIZE]);
                farB.write(new byte[100]);
                faults.twice(
                    () -> {
                      try (Checkpoint made = source.createCheckpoint().block(Bytes.LONG)) {
                        return restore(target, made);
                      }
                    });
                assertThat(farA.read()).isEqualTo(large);
                assertThat(farB.read()).isEqualTo(small);
              });
      assertThat(failed).contains("cuMemcpyHtoDAsync", "cuMemcpyDtoHAsync", "cuMemcpyDtoDAsync");
      source.close().block(Bytes.LONG);
      target.close().block(Bytes.LONG);
    }
  }
}
