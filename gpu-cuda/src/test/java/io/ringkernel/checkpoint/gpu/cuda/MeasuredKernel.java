package io.ringkernel.checkpoint.gpu.cuda;

import io.ringkernel.checkpoint.BlockFingerprints;
import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.FingerprintAlgorithm;
import io.ringkernel.checkpoint.kernel.AdaptedKernel;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A kernel of ours as it is measured beside {@link BareDriver}: what it does in how many
 * nanoseconds.
 *
 * @param kernel whose first part is the state, or all that counts of it
 * @param size bytes of that
 * @param setup how it is adapted and read
 */
record MeasuredKernel(AdaptedKernel kernel, long size, Setup setup) implements AutoCloseable {
  private static final Duration LONG = Duration.ofMinutes(5);

  /**
   * How one is adapted and read.
   *
   * @param buffers for each direction
   * @param size bytes of each, and of a read
   * @param reads under way at once
   */
  record Setup(int buffers, int size, int reads) {
    /** Unless options say otherwise. */
    static final Setup USUAL = new Setup(4, 4 << 20, 4);

    /** The default to be, if {@link #USUAL} is too few for a device's bus. */
    static final Setup TWICE_THE_USUAL = new Setup(8, 4 << 20, 8);

    /** Twice the processors that copy to memory which is not pinned. */
    static final Setup MANY = new Setup(32, 4 << 20, 24);

    static final Setup LONG_PIECES = new Setup(8, 16 << 20, 8);

    @Override
    public String toString() {
      return String.format("%d buffers of %d MiB", buffers, size >> 20);
    }
  }

  static MeasuredKernel of(GpuState state, Setup setup) {
    AdaptedKernel kernel =
        new CudaKernelAdapterProvider()
            .adapt(
                KernelDescriptor.builder("rates", "rates")
                    .standsStill()
                    .region("state", state.memory())
                    .option("ring-buffers", Integer.toString(setup.buffers()))
                    .option("ring-buffer-size", Integer.toString(setup.size()))
                    .build());
    return new MeasuredKernel(kernel, state.size(), setup);
  }

  private List<ByteBuffer> windows(ByteBuffer memory) {
    List<ByteBuffer> windows = new ArrayList<>();
    for (int at = 0; at < memory.capacity(); at += setup.size()) {
      windows.add(memory.slice(at, setup.size()));
    }
    return windows;
  }

  /** As many bytes as the state, from the same memory again and again. */
  ChunkContent content(ByteBuffer memory) {
    List<ByteBuffer> windows = windows(memory);
    List<ByteBuffer> pieces = new ArrayList<>();
    for (long at = 0; at < size; at += setup.size()) {
      pieces.add(windows.get(pieces.size() % windows.size()));
    }
    return ChunkContent.of(pieces);
  }

  /** All of the state to the host, into the same memory again and again. */
  LongSupplier out(ByteBuffer memory) {
    List<ByteBuffer> targets = windows(memory);
    return () -> {
      try (Checkpoint checkpoint = kernel.createCheckpoint().block(LONG)) {
        ChunkContent content = checkpoint.chunks().get(0).content();
        long start = System.nanoTime();
        Flux.range(0, (int) (size / setup.size()))
            .flatMap(
                piece ->
                    content.read(
                        (long) piece * setup.size(),
                        targets.get(piece % targets.size()).duplicate()),
                setup.reads())
            .blockLast(LONG);
        return System.nanoTime() - start;
      }
    };
  }

  /** A restore of this content. */
  LongSupplier in(ChunkContent content) {
    List<DataChunk> chunks = List.of(DataChunk.region("state", content));
    CheckpointMetadata metadata = CheckpointMetadata.builder("rates", "rates").build();
    return () -> {
      try (Checkpoint checkpoint = Checkpoint.of(metadata, chunks, () -> {})) {
        long start = System.nanoTime();
        kernel.restoreFromCheckpoint(checkpoint).block(LONG);
        return System.nanoTime() - start;
      }
    };
  }

  /** The stall of a capture. */
  long stall() {
    try (Checkpoint checkpoint = kernel.createCheckpoint().block(LONG)) {
      return checkpoint.capture().orElseThrow().stall().toNanos();
    }
  }

  /** The stall of a comparison in which nothing is found to have changed: nothing is copied. */
  LongSupplier compared() {
    Checkpoint base = base();
    return () -> {
      try (Checkpoint made = kernel.createIncrementalCheckpoint(base).block(LONG)) {
        return made.capture().orElseThrow().stall().toNanos();
      }
    };
  }

  /** A base that knows the state's fingerprints: those that the device itself finds. */
  private Checkpoint base() {
    List<DataChunk> chunks = new ArrayList<>();
    CheckpointMetadata metadata;
    try (Checkpoint full = kernel.createCheckpoint().block(LONG)) {
      metadata = full.metadata();
      for (DataChunk chunk : full.chunks()) {
        long blocks = (chunk.size() + GpuState.BLOCK - 1) / GpuState.BLOCK;
        byte[] none = new byte[(int) blocks * 16];
        chunks.add(
            chunk.withFingerprints(
                Mono.just(
                    BlockFingerprints.of(GpuState.BLOCK, FingerprintAlgorithm.XXH3_128, none))));
      }
    }
    Checkpoint knowsNothing = Checkpoint.of(metadata, chunks, () -> {});
    try (Checkpoint made = kernel.createIncrementalCheckpoint(knowsNothing).block(LONG)) {
      List<DataChunk> known = new ArrayList<>();
      for (DataChunk chunk : made.chunks()) {
        known.add(chunk.withFingerprints(Mono.just(chunk.fingerprints().block(LONG))));
      }
      return Checkpoint.of(metadata, known, () -> {});
    }
  }

  @Override
  public void close() {
    kernel.close().block(LONG);
  }
}
