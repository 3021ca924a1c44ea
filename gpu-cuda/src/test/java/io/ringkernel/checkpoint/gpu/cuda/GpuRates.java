package io.ringkernel.checkpoint.gpu.cuda;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongSupplier;
import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUstream;
import jcuda.driver.CUstream_flags;
import jcuda.driver.JCudaDriver;
import reactor.core.publisher.Mono;

/**
 * The adapter's rates beside those of the bare driver, in one run on one device. Nothing decides by
 * them here: they are for docs/gpu.md, with device, driver and date.
 */
final class GpuRates implements AutoCloseable {
  private static final int ROUNDS = 5;
  private static final int BLOCK = 65_536;
  private static final int PIECE = 16 << 20;

  private final int size;
  private final CUdeviceptr state = new CUdeviceptr();
  private final CUdeviceptr other = new CUdeviceptr();
  private final Pointer pinned = new Pointer();
  private final CUstream stream = new CUstream();
  private final ByteBuffer target = ByteBuffer.allocateDirect(PIECE);
  private final CudaKernel kernel;

  /**
   * @param size bytes of state, a multiple of 16 MiB
   */
  GpuRates(int size) {
    this.size = size;
    GpuMemory.holdContexts();
    GpuMemory.use(0);
    GpuMemory.check(() -> JCudaDriver.cuMemAlloc(state, size));
    GpuMemory.check(() -> JCudaDriver.cuMemAlloc(other, size));
    GpuMemory.check(() -> JCudaDriver.cuMemHostAlloc(pinned, PIECE, 0));
    GpuMemory.check(
        () -> JCudaDriver.cuStreamCreate(stream, CUstream_flags.CU_STREAM_NON_BLOCKING));
    byte[] bytes = Bytes.random(PIECE, 1);
    for (int at = 0; at < size; at += PIECE) {
      CUdeviceptr to = state.withByteOffset(at);
      GpuMemory.check(() -> JCudaDriver.cuMemcpyHtoD(to, Pointer.to(bytes), PIECE));
    }
    kernel =
        new CudaKernelAdapterProvider()
            .adapt(
                KernelDescriptor.builder("rates", "rates")
                    .region("state", CudaMemory.of(state, size))
                    .build());
  }

  /** Prints the ratios. */
  static void print(int mebibytes) {
    try (GpuRates rates = new GpuRates(mebibytes << 20)) {
      rates.print();
    }
  }

  private void print() {
    double bareOut = rate(this::bareOut);
    double bareIn = rate(this::bareIn);
    double bareCopy = rate(this::bareCopy);
    tell("device to host", rate(this::out), bareOut, "at least 0.95");
    tell("host to device (restore)", rate(this::in), bareIn, "at least 0.85");
    tell("stall with a shadow, time", bareCopy / rate(this::shadowStall), 1, "at most 1.2");
    tell(
        "fingerprint and compare, of copy's bytes",
        rate(this::compare),
        2 * bareCopy,
        "at least 0.7");
  }

  private static void tell(String what, double rate, double limit, String budget) {
    System.out.printf(
        "%-42s %8.2f of %8.2f: %5.2f (%s)%n", what, rate, limit, rate / limit, budget);
  }

  /** GB/s, the median of some rounds after one that does not count. */
  private double rate(LongSupplier nanos) {
    long first = nanos.getAsLong();
    long[] rounds = new long[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
      rounds[i] = nanos.getAsLong();
    }
    Arrays.sort(rounds);
    return first < 0 ? 0 : (double) size / rounds[ROUNDS / 2];
  }

  private long timed(Runnable work) {
    GpuMemory.use(0);
    long start = System.nanoTime();
    work.run();
    GpuMemory.check(() -> JCudaDriver.cuStreamSynchronize(stream));
    return System.nanoTime() - start;
  }

  private long bareOut() {
    return timed(
        () -> {
          for (int at = 0; at < size; at += PIECE) {
            CUdeviceptr from = state.withByteOffset(at);
            GpuMemory.check(() -> JCudaDriver.cuMemcpyDtoHAsync(pinned, from, PIECE, stream));
          }
        });
  }

  private long bareIn() {
    return timed(
        () -> {
          for (int at = 0; at < size; at += PIECE) {
            CUdeviceptr to = other.withByteOffset(at);
            GpuMemory.check(() -> JCudaDriver.cuMemcpyHtoDAsync(to, pinned, PIECE, stream));
          }
        });
  }

  private long bareCopy() {
    return timed(
        () -> GpuMemory.check(() -> JCudaDriver.cuMemcpyDtoDAsync(other, state, size, stream)));
  }

  private long out() {
    try (Checkpoint checkpoint = kernel.createCheckpoint().block(Bytes.LONG)) {
      ChunkContent content = checkpoint.chunks().get(0).content();
      long start = System.nanoTime();
      for (long at = 0; at < size; at += PIECE) {
        content.read(at, target.clear()).block(Bytes.LONG);
      }
      return System.nanoTime() - start;
    }
  }

  private long shadowStall() {
    try (Checkpoint checkpoint = kernel.createCheckpoint().block(Bytes.LONG)) {
      return checkpoint.capture().orElseThrow().stall().toNanos();
    }
  }

  private long compare() {
    try (Checkpoint base = host(true);
        Checkpoint made = kernel.createIncrementalCheckpoint(base).block(Bytes.LONG)) {
      return made.capture().orElseThrow().stall().toNanos();
    }
  }

  private long in() {
    try (Checkpoint checkpoint = host(false)) {
      long start = System.nanoTime();
      kernel.restoreFromCheckpoint(checkpoint).block(Bytes.LONG);
      return System.nanoTime() - start;
    }
  }

  /** The state, in host memory that repeats. */
  private Checkpoint host(boolean withFingerprints) {
    byte[] piece = Bytes.random(PIECE, 1);
    List<ByteBuffer> pieces = new ArrayList<>();
    for (int at = 0; at < size; at += PIECE) {
      pieces.add(target.put(0, piece).duplicate().clear());
    }
    DataChunk chunk = DataChunk.region("state", ChunkContent.of(pieces));
    if (withFingerprints) {
      byte[] all = new byte[size];
      for (int at = 0; at < size; at += PIECE) {
        System.arraycopy(piece, 0, all, at, PIECE);
      }
      chunk = chunk.withFingerprints(Mono.just(PersistentKernelTest.fingerprints(all, BLOCK)));
    }
    return Checkpoint.of(
        CheckpointMetadata.builder("rates", "rates").build(), List.of(chunk), () -> {});
  }

  @Override
  public void close() {
    kernel.close().block(Bytes.LONG);
    GpuMemory.use(0);
    GpuMemory.check(() -> JCudaDriver.cuStreamDestroy(stream));
    GpuMemory.check(() -> JCudaDriver.cuMemFreeHost(pinned));
    GpuMemory.check(() -> JCudaDriver.cuMemFree(other));
    GpuMemory.check(() -> JCudaDriver.cuMemFree(state));
  }
}
