package io.ringkernel.checkpoint.gpu.cuda;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.FingerprintAlgorithm;
import io.ringkernel.checkpoint.core.BaseChoice;
import io.ringkernel.checkpoint.core.CheckpointKind;
import io.ringkernel.checkpoint.core.Checkpointer;
import io.ringkernel.checkpoint.core.SaveReceipt;
import io.ringkernel.checkpoint.core.SaveRequest;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.stream.LongStream;
import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUstream;
import jcuda.driver.CUstream_flags;
import jcuda.driver.JCudaDriver;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The adapter beside the bare driver, in one run on one device: every budget of the design that is
 * for a GPU. Nothing decides by them here: they are for docs/gpu.md, with device, driver and date.
 */
final class GpuBudgets implements AutoCloseable {
  /** Bytes of one of the bare driver's copies. */
  private static final int BARE = GpuState.PIECE;

  /** Bytes of one of our pinned buffers, and of one read. */
  private static final int PIECE = 4 << 20;

  /** Pinned buffers for each direction: twice the processors that copy. */
  private static final int LANES = 32;

  /** Reads under way at once. */
  private static final int READS = 24;

  /** Transfers that do not count. */
  private static final int WARM_UP = 3;

  private static final Duration LONG = Duration.ofMinutes(5);

  /**
   * What is measured.
   *
   * @param state bytes of state for all but the saves, a multiple of 64 MiB
   * @param saved bytes of state that are saved, a multiple of 16 MiB
   * @param store URI of the store they are saved to
   * @param warmUp captures of each contest that do not count: until the code is compiled, and the
   *     device's clock is up
   * @param rounds of each contest that count
   */
  record Settings(long state, long saved, String store, int warmUp, int rounds) {}

  private final Settings settings;
  private final long size;
  private final GpuState state;
  private final CUdeviceptr other = new CUdeviceptr();
  private final Pointer pinned = new Pointer();
  private final CUstream stream = new CUstream();

  /** Host memory that the driver has locked in place, and memory that it has not. */
  private final List<ByteBuffer> locked = new ArrayList<>();

  private final List<ByteBuffer> ordinary = new ArrayList<>();

  private GpuBudgets(Settings settings) {
    this.settings = settings;
    this.size = settings.state();
    GpuMemory.holdContexts();
    state = new GpuState(size);
    GpuMemory.check(() -> JCudaDriver.cuMemAlloc(other, size));
    GpuMemory.check(() -> JCudaDriver.cuMemHostAlloc(pinned, (long) READS * PIECE, 0));
    GpuMemory.check(
        () -> JCudaDriver.cuStreamCreate(stream, CUstream_flags.CU_STREAM_NON_BLOCKING));
    for (int i = 0; i < Math.min(READS, size / PIECE); i++) {
      byte[] bytes = Bytes.random(PIECE, i);
      locked.add(pinned.getByteBuffer((long) i * PIECE, PIECE).put(0, bytes));
      ordinary.add(ByteBuffer.allocateDirect(PIECE).put(0, bytes));
    }
  }

  /** Measures everything. */
  static List<Budget> measure(Settings settings) {
    List<Budget> budgets = new ArrayList<>();
    try (GpuBudgets all = new GpuBudgets(settings)) {
      budgets.addAll(all.transfers());
      budgets.addAll(all.ownBlocks());
    }
    budgets.add(saves(settings));
    return budgets;
  }

  private List<Budget> transfers() {
    CudaKernel kernel =
        new CudaKernelAdapterProvider()
            .adapt(
                KernelDescriptor.builder("rates", "rates")
                    .region("state", state.memory())
                    .option("ring-buffers", Integer.toString(LANES))
                    .build());
    try {
      return List.of(
          out("device to host, into pinned memory", kernel, locked),
          in("restore from pinned memory", kernel, locked),
          out("device to host, into other memory", kernel, ordinary),
          in("restore from other memory", kernel, ordinary),
          Budget.ofTimes(
              "stall with a shadow",
              "bare copy within the device",
              contest(settings.warmUp(), () -> stall(kernel), this::bareCopy),
              1.2),
          Budget.ofRates(
              "fingerprint and compare, bytes read",
              "bare copy, bytes read and written",
              contest(settings.warmUp(), compared(kernel), this::bareCopy),
              size,
              2 * size,
              0.7));
    } finally {
      kernel.close().block(LONG);
    }
  }

  private Budget out(String what, CudaKernel kernel, List<ByteBuffer> targets) {
    return Budget.ofRates(
        what,
        "bare pinned copy",
        contest(WARM_UP, () -> out(kernel, targets), this::bareOut),
        size,
        size,
        0.95);
  }

  private Budget in(String what, CudaKernel kernel, List<ByteBuffer> sources) {
    return Budget.ofRates(
        what,
        "bare pinned copy to the device",
        contest(WARM_UP, () -> in(kernel, sources), this::bareIn),
        size,
        size,
        0.85);
  }

  /** The same by the blocks of a persistent kernel that fills the device; its limit beforehand. */
  private List<Budget> ownBlocks() {
    LongSupplier limit = typical(this::bareCopy);
    int groups = PersistentWave.groupsThatFillTheDevice();
    try (PersistentWave wave = new PersistentWave(0, groups, LONG, state.memory())) {
      wave.launch();
      return List.of(
          Budget.ofTimes(
              "stall with a shadow, by the kernel's own blocks",
              "bare copy within the device",
              contest(settings.warmUp(), () -> stall(wave.kernel()), limit),
              1.2),
          Budget.ofRates(
              "fingerprint and compare, by its own blocks",
              "bare copy, bytes read and written",
              contest(settings.warmUp(), compared(wave.kernel()), limit),
              size,
              2 * size,
              0.7));
    }
  }

  /** While a kernel fills the device nothing bare can be measured beside it. */
  private LongSupplier typical(LongSupplier measured) {
    long[] rounds =
        LongStream.range(0, WARM_UP + settings.rounds())
            .map(i -> measured.getAsLong())
            .skip(WARM_UP)
            .sorted()
            .toArray();
    long median = rounds[rounds.length / 2];
    return () -> median;
  }

  private List<long[]> contest(int warmUp, LongSupplier ours, LongSupplier limit) {
    return new Budget.Contest(ours, limit).run(warmUp, settings.rounds());
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
          for (long at = 0; at < size; at += BARE) {
            CUdeviceptr from = state.at(at);
            GpuMemory.check(() -> JCudaDriver.cuMemcpyDtoHAsync(pinned, from, BARE, stream));
          }
        });
  }

  private long bareIn() {
    return timed(
        () -> {
          for (long at = 0; at < size; at += BARE) {
            CUdeviceptr to = other.withByteOffset(at);
            GpuMemory.check(() -> JCudaDriver.cuMemcpyHtoDAsync(to, pinned, BARE, stream));
          }
        });
  }

  private long bareCopy() {
    return timed(
        () ->
            GpuMemory.check(
                () -> JCudaDriver.cuMemcpyDtoDAsync(other, state.pointer(), size, stream)));
  }

  private long out(CudaKernel kernel, List<ByteBuffer> targets) {
    try (Checkpoint checkpoint = kernel.createCheckpoint().block(LONG)) {
      ChunkContent content = checkpoint.chunks().get(0).content();
      long start = System.nanoTime();
      Flux.range(0, (int) (size / PIECE))
          .flatMap(
              piece ->
                  content.read(
                      (long) piece * PIECE,
                      targets.get(piece % targets.size()).duplicate().clear()),
              targets.size())
          .blockLast(LONG);
      return System.nanoTime() - start;
    }
  }

  private static long stall(CudaKernel kernel) {
    try (Checkpoint checkpoint = kernel.createCheckpoint().block(LONG)) {
      return checkpoint.capture().orElseThrow().stall().toNanos();
    }
  }

  private long in(CudaKernel kernel, List<ByteBuffer> sources) {
    List<ByteBuffer> pieces = new ArrayList<>();
    for (long at = 0; at < size; at += PIECE) {
      pieces.add(sources.get(pieces.size() % sources.size()).duplicate().clear());
    }
    DataChunk chunk = DataChunk.region("state", ChunkContent.of(pieces));
    try (Checkpoint checkpoint =
        Checkpoint.of(
            CheckpointMetadata.builder("rates", "rates").build(), List.of(chunk), () -> {})) {
      long start = System.nanoTime();
      kernel.restoreFromCheckpoint(checkpoint).block(LONG);
      return System.nanoTime() - start;
    }
  }

  /** The stall of a comparison in which nothing is found to have changed: nothing is copied. */
  private static LongSupplier compared(CudaKernel kernel) {
    Checkpoint base = baseOf(kernel);
    return () -> {
      try (Checkpoint made = kernel.createIncrementalCheckpoint(base).block(LONG)) {
        return made.capture().orElseThrow().stall().toNanos();
      }
    };
  }

  /** A base that knows the state's fingerprints: those that the device itself finds. */
  private static Checkpoint baseOf(CudaKernel kernel) {
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
                    io.ringkernel.checkpoint.BlockFingerprints.of(
                        GpuState.BLOCK, FingerprintAlgorithm.XXH3_128, none))));
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

  /** A full save beside incremental ones with one block in a hundred changed; to one store. */
  private static Budget saves(Settings settings) {
    Checkpointer checkpointer = Checkpointer.open(settings.store());
    try (GpuState large = new GpuState(settings.saved())) {
      CudaKernel kernel =
          new CudaKernelAdapterProvider()
              .adapt(
                  KernelDescriptor.builder("saved", "saved")
                      .region("state", large.memory())
                      .option("ring-buffers", Integer.toString(LANES))
                      .build());
      List<long[]> rounds = new ArrayList<>();
      long full = 0;
      for (int i = 0; i <= Math.min(2, settings.rounds()); i++) {
        // The first full one pays for what is only done once: where there are two, it does not
        // count.
        if (i < 2) {
          full = save(checkpointer, kernel, "full" + i, BaseChoice.full());
        }
        large.changeEvery(100);
        String base = i < 2 ? "full" + i : "delta" + (i - 1);
        rounds.add(
            new long[] {full, save(checkpointer, kernel, "delta" + i, BaseChoice.named(base))});
      }
      kernel.close().block(LONG);
      List<long[]> counted = rounds.size() > 1 ? rounds.subList(1, rounds.size()) : rounds;
      return faster(settings, counted);
    } finally {
      checkpointer.close().block(LONG);
    }
  }

  private static Budget faster(Settings settings, List<long[]> rounds) {
    Budget times = Budget.ofTimes("", "", rounds, 1);
    return new Budget(
        String.format("full save of %d MiB, incremental with 1 %% changed", settings.saved() >> 20),
        "the incremental save, durable",
        times.ours(),
        times.limit(),
        "ms",
        times.ratio(),
        20,
        true);
  }

  private static long save(
      Checkpointer checkpointer, CudaKernel kernel, String name, BaseChoice base) {
    long start = System.nanoTime();
    SaveReceipt receipt = checkpointer.save(kernel, SaveRequest.named(name).base(base)).block(LONG);
    long took = System.nanoTime() - start;
    CheckpointKind wanted =
        base.kind() == BaseChoice.Kind.FULL ? CheckpointKind.FULL : CheckpointKind.DELTA;
    if (receipt.kind() != wanted) {
      throw new IllegalStateException("it was saved otherwise than asked: " + receipt);
    }
    System.out.printf(
        "  %s: %d MiB stored in %d ms%n",
        receipt.name(), receipt.stored() >> 20, Duration.ofNanos(took).toMillis());
    return took;
  }

  @Override
  public void close() {
    GpuMemory.use(0);
    GpuMemory.check(() -> JCudaDriver.cuStreamDestroy(stream));
    GpuMemory.check(() -> JCudaDriver.cuMemFreeHost(pinned));
    GpuMemory.check(() -> JCudaDriver.cuMemFree(other));
    state.close();
  }
}
