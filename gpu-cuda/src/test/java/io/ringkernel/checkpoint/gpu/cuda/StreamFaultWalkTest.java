package io.ringkernel.checkpoint.gpu.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.HlcTimestamp;
import io.ringkernel.checkpoint.error.CheckpointException;
import io.ringkernel.checkpoint.kernel.AdaptedKernel;
import io.ringkernel.checkpoint.kernel.CheckpointableKernel;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import io.ringkernel.checkpoint.kernel.QuiescedKernel;
import io.ringkernel.checkpoint.tck.Patience;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import jcuda.driver.CUstream;
import jcuda.driver.CUstream_flags;
import jcuda.driver.JCudaDriver;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;

/**
 * Each call of the driver fails once in turn while a kernel that is launched in a stream is
 * captured and restored, by itself and for a cut: see {@link FaultWalk}.
 */
@ExtendWith(OnStandIn.class)
@Timeout(180)
class StreamFaultWalkTest {
  private static final int SIZE = 9000;
  private static final int BLOCK = 1024;

  private final FaultWalk faults = new FaultWalk(FaultWalk.REFUSED);

  /** A kernel that launches in a stream, unless it is held. */
  private static final class InAStream implements AutoCloseable {
    private final AtomicInteger held = new AtomicInteger();
    private final CUstream stream = new CUstream();
    private final GpuMemory memory;
    private final AdaptedKernel kernel;

    InAStream(byte[] state, String capture) {
      memory = new GpuMemory(state);
      GpuMemory.check(
          () -> JCudaDriver.cuStreamCreate(stream, CUstream_flags.CU_STREAM_NON_BLOCKING));
      kernel =
          new CudaKernelAdapterProvider()
              .adapt(
                  KernelDescriptor.builder("k", "t")
                      .region("r", memory.memory())
                      .quiesce(
                          StreamOrder.of(stream, () -> Mono.fromRunnable(() -> held.set(1))),
                          () -> Mono.fromRunnable(() -> held.set(0)))
                      .option("capture", capture)
                      .option("ring-buffers", "1")
                      .option("ring-buffer-size", "4096")
                      .option("block-size", Integer.toString(BLOCK))
                      .build());
    }

    void untilItIsLetGo() {
      Patience.until("it is let go", () -> held.get() == 0);
    }

    @Override
    public void close() {
      kernel.close().block(Bytes.LONG);
      GpuMemory.use(0);
      GpuMemory.check(() -> JCudaDriver.cuStreamDestroy(stream));
      memory.close();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"shadow", "straight"})
  void aKernelInAStreamIsCapturedAndRestored(String capture) throws Exception {
    byte[] state = Bytes.random(SIZE, 1);
    try (InAStream one = new InAStream(state, capture)) {
      AdaptedKernel kernel = one.kernel;
      Checkpoint base = base(state);
      Set<String> failed =
          faults.withEachCallFailing(
              () -> {
                assertThat(faults.twice(() -> captured(kernel))).isEqualTo(state);
                one.untilItIsLetGo();
                faults.twice(() -> compared(kernel, base));
                one.untilItIsLetGo();
                restoreTwice(kernel, base, one.held);
                assertThat(one.held).as("it runs on").hasValue(0);
                assertThat(one.memory.read()).isEqualTo(state);
              });
      assertThat(failed)
          .contains("cuEventRecord", "cuEventQuery", "cuLaunchKernel", "cuMemcpyHtoDAsync")
          .contains("cuMemcpyDtoHAsync", "cuCtxSetCurrent");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"shadow", "straight"})
  void aKernelInAStreamIsKeptStandingForACut(String capture) throws Exception {
    byte[] state = Bytes.random(SIZE, 1);
    byte[] other = Bytes.random(SIZE, 2);
    try (InAStream one = new InAStream(state, capture)) {
      Set<String> failed =
          faults.withEachCallFailing(
              () -> {
                one.memory.write(state);
                QuiescedKernel standing = quiescedAtLast(one);
                assertThat(faults.twice(() -> captured(standing))).isEqualTo(state);
                Checkpoint base = base(state);
                assertThat(faults.twice(() -> compared(standing, base))).isFalse();
                assertThat(one.held).as("it stands on").hasValue(1);
                faults.twice(() -> restore(standing, base(other)));
                assertThat(one.held).as("it stands on").hasValue(1);
                standing.resume(HlcTimestamp.ZERO).block(Bytes.LONG);
                assertThat(one.held).as("it runs on").hasValue(0);
                assertThat(one.memory.read()).isEqualTo(other);
              });
      assertThat(failed)
          .contains("cuEventRecord", "cuEventQuery", "cuLaunchKernel", "cuMemcpyHtoDAsync");
    }
  }

  /** It runs on when it did not get there. */
  private QuiescedKernel quiescedAtLast(InAStream one) {
    try {
      return one.kernel.quiesce().block(Bytes.LONG);
    } catch (RuntimeException e) {
      faults.assertTold(e);
      assertThat(one.held).hasValue(0);
      return one.kernel.quiesce().block(Bytes.LONG);
    }
  }

  private static String restore(CheckpointableKernel kernel, Checkpoint checkpoint) {
    kernel.restoreFromCheckpoint(checkpoint).block(Bytes.LONG);
    return "";
  }

  private static byte[] captured(CheckpointableKernel kernel) {
    try (Checkpoint checkpoint = kernel.createCheckpoint().block(Bytes.LONG)) {
      return Bytes.of(checkpoint.chunks().get(0));
    }
  }

  private static boolean compared(CheckpointableKernel kernel, Checkpoint base) {
    try (Checkpoint checkpoint = kernel.createIncrementalCheckpoint(base).block(Bytes.LONG)) {
      return checkpoint.chunks().get(0).changedBlocks().orElseThrow().isChanged(0);
    }
  }

  /** It stands still after a restore that failed half-way, and only then. */
  private void restoreTwice(
      CheckpointableKernel kernel, Checkpoint checkpoint, AtomicInteger held) {
    try {
      kernel.restoreFromCheckpoint(checkpoint).block(Bytes.LONG);
    } catch (CheckpointException e) {
      faults.assertTold(e);
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
}
