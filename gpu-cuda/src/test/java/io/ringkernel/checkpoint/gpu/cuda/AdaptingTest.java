package io.ringkernel.checkpoint.gpu.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.ChunkType;
import io.ringkernel.checkpoint.error.InvalidOptionException;
import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.kernel.AdaptedKernel;
import io.ringkernel.checkpoint.kernel.KernelAdapters;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import io.ringkernel.checkpoint.kernel.KernelMemory;
import io.ringkernel.checkpoint.tck.Patience;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import jcuda.driver.CUcontext;
import jcuda.driver.JCudaDriver;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(OnStandIn.class)
class AdaptingTest {
  private static KernelDescriptor.Builder descriptor() {
    return KernelDescriptor.builder("fdtd", "wave")
        .standsStill()
        .region("host", new KernelMemory.Host(ByteBuffer.allocate(10)));
  }

  private static void assertRefused(KernelDescriptor descriptor, String reason) {
    assertThatThrownBy(() -> new CudaKernelAdapterProvider().adapt(descriptor))
        .isInstanceOf(KernelException.class)
        .hasMessageContaining("kernel 'fdtd', adapt: ")
        .hasMessageContaining(reason);
  }

  @Test
  void isFoundByItsName() {
    assertThat(KernelAdapters.named("cuda")).isInstanceOf(CudaKernelAdapterProvider.class);
    assertThat(KernelAdapters.named("cuda").unavailable()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "captur | shadow | has none of this name; known: block-size, capture, context",
        "capture | no | must be shadow or straight, not 'no'",
        "second-capture | x | must be wait or refuse",
        "context | mine | must be primary or current",
        "fingerprints | host | must be device or off",
        "restore | twice | must be direct or read-first",
        "device | -1 | must be a number from 0 to",
        "block-size | 0 | must be a number from 1 to",
        "ring-buffers | 65 | must be a number from 1 to 64",
        "ring-buffer-size | 4095 | must be a number from 4096 to",
        "shadow-limit | 1e9 | must be a number from 0 to",
        "timeout | 0 | must be a number from 1 to",
        "quiesce-timeout | x | must be a number from 1 to"
      })
  void refusesAnOptionThatItCanNotTake(String option, String value, String reason) {
    assertWrongOption(option, value, reason);
  }

  private static void assertWrongOption(String option, String value, String reason) {
    KernelDescriptor descriptor = descriptor().option(option, value).build();
    assertThatThrownBy(() -> KernelAdapters.named("cuda").adapt(descriptor))
        .isInstanceOfSatisfying(
            InvalidOptionException.class, e -> assertThat(e.option()).isEqualTo(option))
        .hasMessageContaining(reason);
  }

  @Test
  void refusesADeviceThatIsNotThere() {
    assertRefused(
        descriptor().option("device", "2").build(),
        "cuDeviceGet answered CUDA_ERROR_INVALID_DEVICE");
  }

  @Test
  void refusesPartsThatCanNotBe() {
    assertRefused(
        descriptor().region("host", new KernelMemory.Host(ByteBuffer.allocate(1))).build(),
        "region 'host' is there twice");
    assertRefused(
        descriptor().region("null", new KernelMemory.Device(0, 8)).build(),
        "region 'null' has no device address");
  }

  @Test
  void worksInTheCallersContext() {
    try (GpuMemory memory = new GpuMemory(1, Bytes.random(5000, 1))) {
      KernelDescriptor.Builder descriptor =
          descriptor().part(ChunkType.CUSTOM, 1, memory.memory()).option("context", "current");
      GpuMemory.use(1);
      AdaptedKernel kernel = new CudaKernelAdapterProvider().adapt(descriptor.build());
      // Which context is current later, and where, does not matter.
      GpuMemory.use(0);
      try (var checkpoint = kernel.createCheckpoint().block(Bytes.LONG)) {
        assertThat(Bytes.of(checkpoint.chunks().get(1))).isEqualTo(Bytes.random(5000, 1));
      }
      kernel.close().block(Bytes.LONG);
    }
  }

  @Test
  void saysThatThereIsNoContextOfTheCallers() {
    JCudaDriver.cuCtxSetCurrent(new CUcontext());
    assertWrongOption("context", "current", "this thread has no current context");
  }

  @Test
  void givesEverythingBackWhenWhoAdaptsIsInterrupted() {
    int before = StandIn.live(StandIn.Kind.HOST_MEMORY);
    StandIn.stick("cuStreamCreate");
    Thread adapting = Thread.currentThread();
    Thread interrupting =
        new Thread(
            () -> {
              Patience.until("its buffers are being made", () -> isAnyThreadOf("rkcp-cuda-fdtd"));
              adapting.interrupt();
            });
    interrupting.start();
    assertRefused(descriptor().build(), "it can't be adapted: interrupted");
    assertThat(Thread.interrupted()).isTrue();
    StandIn.stick("");
    untilAllEnd("rkcp-cuda-fdtd");
    assertThat(StandIn.live(StandIn.Kind.HOST_MEMORY)).isEqualTo(before);
  }

  private static boolean isAnyThreadOf(String name) {
    return Thread.getAllStackTraces().keySet().stream()
        .anyMatch(thread -> thread.getName().startsWith(name));
  }

  /** What is live is counted after each test. */
  private static void untilAllEnd(String name) {
    Patience.until("its threads end", () -> !isAnyThreadOf(name));
  }

  private static KernelDescriptor impatient(String context) {
    return descriptor()
        .option("context", context)
        .option("timeout", "1")
        .option("quiesce-timeout", "1")
        .build();
  }

  @ParameterizedTest
  @CsvSource({
    "cuInit, primary",
    "cuDeviceGet, primary",
    "cuDeviceGetAttribute, primary",
    "cuDevicePrimaryCtxRetain, primary",
    "cuInit, current"
  })
  void doesNotWaitLongForADriverThatDoesNotStart(String function, String context) {
    GpuMemory.use(0);
    StandIn.stick(function);
    assertThatThrownBy(() -> new CudaKernelAdapterProvider().adapt(impatient(context)))
        .isInstanceOf(KernelException.class)
        .hasMessageContaining("it can't be adapted: the driver has not answered for 1 s 2 ms")
        .hasCauseInstanceOf(TimeoutException.class);
    StandIn.stick("");
    untilAllEnd("rkcp-cuda-start");
  }

  @Test
  void doesNotWaitForADriverThatDoesNotStartWhenItIsInterrupted() {
    StandIn.stick("cuDevicePrimaryCtxRetain");
    Thread.currentThread().interrupt();
    assertRefused(descriptor().build(), "it can't be adapted: interrupted");
    assertThat(Thread.interrupted()).isTrue();
    StandIn.stick("");
    untilAllEnd("rkcp-cuda-start");
  }

  @ParameterizedTest
  @ValueSource(strings = {"cuInit", "cuDeviceGetCount"})
  void saysThatTheDriverDoesNotStart(String function) {
    StandIn.stick(function);
    assertThat(DriverLibrary.unavailable(Duration.ofMillis(20)))
        .contains(
            "the CUDA driver can't start: the driver has not answered for 20 ms; see whether nvidia-smi gets an answer");
    StandIn.stick("");
    untilAllEnd("rkcp-cuda-start");
  }

  @Test
  void holdsNoMorePinnedMemoryThanItsRings() {
    byte[] state = Bytes.random(3_000_000, 1);
    try (GpuMemory memory = new GpuMemory(state)) {
      long before = StandIn.pinnedPeak();
      KernelDescriptor.Builder descriptor =
          KernelDescriptor.builder("k", "t")
              .standsStill()
              .region("r", memory.memory())
              .option("ring-buffers", "3")
              .option("ring-buffer-size", "10000");
      AdaptedKernel kernel = new CudaKernelAdapterProvider().adapt(descriptor.build());
      try (var checkpoint = kernel.createCheckpoint().block(Bytes.LONG)) {
        assertThat(Bytes.of(checkpoint.chunks().get(0))).isEqualTo(state);
        memory.write(new byte[state.length]);
        kernel.restoreFromCheckpoint(checkpoint).block(Bytes.LONG);
      }
      assertThat(memory.read()).isEqualTo(state);
      assertThat(StandIn.pinnedPeak() - before).isLessThanOrEqualTo(2 * 3 * 10_000);
      kernel.close().block(Bytes.LONG);
    }
  }
}
