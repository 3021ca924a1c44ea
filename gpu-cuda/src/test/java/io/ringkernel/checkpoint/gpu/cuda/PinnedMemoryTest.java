package io.ringkernel.checkpoint.gpu.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.kernel.AdaptedKernel;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import jcuda.Pointer;
import jcuda.driver.JCudaDriver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;

/** States that are read into memory which the caller has pinned, and restored from it. */
@ExtendWith(OnStandIn.class)
@Timeout(180)
class PinnedMemoryTest {
  private static final int PAGE = 4096;

  /** Of a pinned buffer. */
  private static final int PIECE = 32 * PAGE;

  /** Three pieces, the last of which is shorter. */
  private static final int SIZE = 2 * PIECE + 20 * PAGE;

  private static final byte[] STATE = Bytes.random(SIZE, 3);
  private static final byte[] OTHER = Bytes.random(SIZE, 4);

  private final ByteBuffer pinned =
      ByteBuffer.allocateDirect(SIZE + PAGE).alignedSlice(PAGE).slice(0, SIZE);
  private final AtomicBoolean stands = new AtomicBoolean();
  private GpuMemory memory;

  @BeforeEach
  void allocate() {
    memory = new GpuMemory(STATE);
  }

  @AfterEach
  void free() {
    memory.close();
  }

  /** Pins all of it by as many registrations, none of which ends where a piece does. */
  private void pin(int registrations) {
    GpuMemory.use(0);
    for (int i = 0; i < registrations; i++) {
      int length = at(i + 1, registrations) - at(i, registrations);
      Pointer part = Pointer.to(pinned.slice(at(i, registrations), length));
      int flags = JCudaDriver.CU_MEMHOSTREGISTER_DEVICEMAP;
      GpuMemory.check(() -> JCudaDriver.cuMemHostRegister(part, length, flags));
    }
  }

  private void letGo(int registrations) {
    GpuMemory.use(0);
    for (int i = 0; i < registrations; i++) {
      Pointer part = Pointer.to(pinned.slice(at(i, registrations), 1));
      GpuMemory.check(() -> JCudaDriver.cuMemHostUnregister(part));
    }
  }

  private static int at(int part, int parts) {
    return part == parts ? SIZE : SIZE / parts / PAGE * PAGE * part;
  }

  private AdaptedKernel kernel() {
    return new CudaKernelAdapterProvider()
        .adapt(
            KernelDescriptor.builder("k", "t")
                .region("r", memory.memory())
                .quiesce(
                    () -> Mono.fromRunnable(() -> stands.set(true)),
                    () -> Mono.fromRunnable(() -> stands.set(false)))
                .option("ring-buffers", "1")
                .option("ring-buffer-size", Integer.toString(PIECE))
                .build());
  }

  private void read(AdaptedKernel kernel) {
    try (Checkpoint checkpoint = kernel.createCheckpoint().block(Bytes.LONG)) {
      checkpoint.chunks().get(0).content().read(0, pinned.clear()).block(Bytes.LONG);
    }
  }

  private void restore(AdaptedKernel kernel) {
    try (Checkpoint checkpoint =
        Checkpoint.of(
            CheckpointMetadata.builder("k", "t").build(),
            List.of(DataChunk.region("r", ChunkContent.of(pinned.clear()))),
            () -> {})) {
      kernel.restoreFromCheckpoint(checkpoint).block(Bytes.LONG);
    }
  }

  /** In one registration no piece is across two; in the others some are. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  @Tag(OnStandIn.ANY_DRIVER)
  void bringsEveryByteOutAndBack(int registrations) {
    pin(registrations);
    AdaptedKernel kernel = kernel();

    read(kernel);
    assertThat(pinned.clear()).isEqualTo(ByteBuffer.wrap(STATE));
    pinned.clear().put(OTHER);
    restore(kernel);

    assertThat(memory.read()).isEqualTo(OTHER);
    kernel.close().block(Bytes.LONG);
    letGo(registrations);
  }

  /** A driver's refusal of the memory, which is made good, is told apart from what is not. */
  @ParameterizedTest
  @ValueSource(ints = {FaultWalk.REFUSED, FaultWalk.UNKNOWN})
  void bringsEveryByteOutAndBackWhicheverCallFailsOnce(int code) throws Exception {
    int registrations = 2;
    pin(registrations);
    AdaptedKernel kernel = kernel();
    FaultWalk faults = new FaultWalk(code);
    Set<String> failed =
        faults.withEachCallFailing(
            () -> {
              memory.write(STATE);
              pinned.clear().put(new byte[SIZE]);
              faults.twice(
                  () -> {
                    read(kernel);
                    return "";
                  });
              assertThat(stands).as("it stands still").isFalse();
              assertThat(pinned.clear()).isEqualTo(ByteBuffer.wrap(STATE));
              pinned.clear().put(OTHER);
              restoreOnceMore(kernel, faults);
              assertThat(stands).as("it stands still").isFalse();
              assertThat(memory.read()).isEqualTo(OTHER);
            });
    assertThat(failed)
        .contains("cuMemHostGetDevicePointer", "cuMemcpyDtoHAsync", "cuMemcpyHtoDAsync")
        .contains("cuEventRecord", "cuEventQuery", "cuCtxSetCurrent");
    kernel.close().block(Bytes.LONG);
    letGo(registrations);
  }

  /** It stands still after a restore that failed half-way, and only then. */
  private void restoreOnceMore(AdaptedKernel kernel, FaultWalk faults) {
    try {
      restore(kernel);
    } catch (RuntimeException e) {
      faults.assertTold(e);
      assertThat(stands.get()).isEqualTo(e.getMessage().contains("it stands still with "));
      restore(kernel);
    }
  }
}
