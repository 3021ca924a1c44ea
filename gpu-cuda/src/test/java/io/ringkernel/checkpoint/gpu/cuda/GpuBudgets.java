package io.ringkernel.checkpoint.gpu.cuda;

import io.ringkernel.checkpoint.BlockFingerprints;
import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.FingerprintAlgorithm;
import io.ringkernel.checkpoint.gpu.cuda.Budget.Goal;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.stream.LongStream;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The adapter beside the bare driver, in one run on one device: every budget of the design that is
 * for a GPU. Nothing decides by them here: they are for docs/gpu.md, with device, driver and date.
 */
final class GpuBudgets {
  /** The most host memory of either kind: all of a state goes through it, over and over. */
  private static final int HOST = 128 << 20;

  /** Transfers that do not count. */
  private static final int WARM_UP = 3;

  private static final Duration LONG = Duration.ofMinutes(5);

  private static final Goal OUT = Goal.least(0.95);
  private static final Goal IN = Goal.least(0.85);
  private static final Goal STALL = Goal.most(1.2);
  private static final Goal FINGERPRINT = Goal.least(0.7);

  /**
   * What is measured.
   *
   * @param states bytes of state for all but the saves, multiples of 16 MiB
   * @param saved bytes of state that are saved, a multiple of 16 MiB
   * @param store URI of the store they are saved to
   * @param warmUp captures of each contest that do not count: until the code is compiled, and the
   *     device's clock is up
   * @param rounds of each contest that count
   */
  record Settings(List<Long> states, long saved, String store, int warmUp, int rounds) {}

  /**
   * How a kernel is adapted and read.
   *
   * @param buffers for each direction
   * @param size bytes of each, and of a read
   * @param reads under way at once
   */
  private record Setup(int buffers, int size, int reads) {
    /** Unless options say otherwise. */
    static final Setup USUAL = new Setup(4, 4 << 20, 4);

    /** Twice the processors that copy to memory which is not pinned. */
    static final Setup MANY = new Setup(32, 4 << 20, 24);

    static final Setup LONG_PIECES = new Setup(8, 16 << 20, 8);

    CudaKernel adapt(GpuState state) {
      return new CudaKernelAdapterProvider()
          .adapt(
              KernelDescriptor.builder("rates", "rates")
                  .region("state", state.memory())
                  .option("ring-buffers", Integer.toString(buffers))
                  .option("ring-buffer-size", Integer.toString(size))
                  .build());
    }

    @Override
    public String toString() {
      return String.format("%d buffers of %d MiB", buffers, size >> 20);
    }
  }

  /** Content in host memory that does not show it: read as that of a store is. */
  private record Unseen(ChunkContent content) implements ChunkContent {
    @Override
    public long size() {
      return content.size();
    }

    @Override
    public Mono<Integer> read(long offset, ByteBuffer target) {
      return content.read(offset, target);
    }
  }

  private final Settings settings;
  private final long size;
  private final BudgetReport report;
  private final GpuState state;
  private final BareDriver bare;

  /** As much host memory that the driver has not locked in place. */
  private final ByteBuffer ordinary;

  private GpuBudgets(Settings settings, GpuState state, BareDriver bare, BudgetReport report) {
    this.settings = settings;
    this.size = state.size();
    this.report = report;
    this.state = state;
    this.bare = bare;
    ordinary = ByteBuffer.allocateDirect(bare.pinned().capacity());
    for (int at = 0; at < ordinary.capacity(); at += GpuState.PIECE) {
      byte[] bytes = Bytes.random(GpuState.PIECE, at);
      ordinary.put(at, bytes);
      bare.pinned().put(at, bytes);
    }
  }

  /** Measures everything. */
  static void measure(Settings settings, BudgetReport report) {
    GpuMemory.holdContexts();
    for (long size : settings.states()) {
      report.part(mebibytes(size), () -> measure(settings, size, report));
    }
    report.part(
        "saves",
        () ->
            new StoreBudgets(settings.store(), settings.saved(), report)
                .measure(settings.rounds()));
  }

  private static void measure(Settings settings, long size, BudgetReport report) {
    try (GpuState state = new GpuState(size);
        BareDriver bare = new BareDriver(state, (int) Math.min(HOST, size))) {
      GpuBudgets all = new GpuBudgets(settings, state, bare, report);
      all.manyBuffers();
      all.ownBlocks();
      all.otherBuffers();
    }
  }

  static String mebibytes(long bytes) {
    return (bytes >> 20) + " MiB";
  }

  private void manyBuffers() {
    Setup setup = Setup.MANY;
    CudaKernel kernel = setup.adapt(state);
    try {
      out("pinned memory", kernel, setup, bare.pinned(), settings.rounds());
      in("pinned memory", kernel, content(bare.pinned(), setup), settings.rounds());
      stall("stall with a shadow", contest(() -> stall(kernel), bare::within));
      fingerprint("fingerprint and compare", contest(compared(kernel), bare::within));
      out("other memory", kernel, setup, ordinary, settings.rounds());
      ChunkContent other = content(ordinary, setup);
      in("other memory", kernel, other, settings.rounds());
      report.add(
          Budget.ofRates(
              named("restore of what is not in memory"),
              "restore from other memory",
              contest(() -> in(kernel, new Unseen(other)), () -> in(kernel, other), few()),
              size,
              size,
              null));
    } finally {
      kernel.close().block(LONG);
    }
  }

  private void otherBuffers() {
    for (Setup setup : List.of(Setup.USUAL, Setup.LONG_PIECES)) {
      CudaKernel kernel = setup.adapt(state);
      try {
        out("pinned memory, " + setup, kernel, setup, bare.pinned(), few());
        in("pinned memory, " + setup, kernel, content(bare.pinned(), setup), few());
      } finally {
        kernel.close().block(LONG);
      }
    }
  }

  /** The same by the blocks of a persistent kernel that fills the device; its limit around that. */
  private void ownBlocks() {
    long before = typical(bare::within);
    List<long[]> stalls;
    List<long[]> fingerprints;
    int groups = PersistentWave.groupsThatFillTheDevice();
    try (PersistentWave wave = new PersistentWave(0, groups, LONG, state.memory())) {
      wave.launch();
      // While it fills the device nothing bare can be measured beside it.
      stalls = contest(() -> stall(wave.kernel()), () -> before);
      fingerprints = contest(compared(wave.kernel()), () -> before);
    }
    long limit = Math.min(before, typical(bare::within));
    stalls.forEach(round -> round[1] = limit);
    fingerprints.forEach(round -> round[1] = limit);
    stall("stall with a shadow, by its own blocks", stalls);
    fingerprint("fingerprint and compare, by its own blocks", fingerprints);
  }

  private String named(String what) {
    return mebibytes(size) + ": " + what;
  }

  /** Rounds of what explains others. */
  private int few() {
    return settings.rounds() / 2 + 1;
  }

  private void out(String where, CudaKernel kernel, Setup setup, ByteBuffer target, int rounds) {
    List<ByteBuffer> targets = windows(target, setup);
    report.add(
        Budget.ofRates(
            named("device to host, into " + where),
            "bare pinned copy",
            contest(() -> out(kernel, setup, targets), bare::out, rounds),
            size,
            size,
            OUT));
  }

  private void in(String where, CudaKernel kernel, ChunkContent from, int rounds) {
    report.add(
        Budget.ofRates(
            named("restore from " + where),
            "bare pinned copy to the device",
            contest(() -> in(kernel, from), bare::in, rounds),
            size,
            size,
            IN));
  }

  private void stall(String what, List<long[]> rounds) {
    report.add(Budget.ofTimes(named(what), "bare copy within the device", rounds, STALL));
  }

  private void fingerprint(String what, List<long[]> rounds) {
    report.add(
        Budget.ofRates(
            named(what + ", bytes read"),
            "bare copy, bytes read and written",
            rounds,
            size,
            2 * size,
            FINGERPRINT));
  }

  private long typical(LongSupplier measured) {
    long[] rounds =
        LongStream.range(0, settings.warmUp() + settings.rounds())
            .map(i -> measured.getAsLong())
            .skip(settings.warmUp())
            .sorted()
            .toArray();
    return rounds[rounds.length / 2];
  }

  /** Of captures, which are short. */
  private List<long[]> contest(LongSupplier ours, LongSupplier limit) {
    return new Budget.Contest(ours, limit).run(settings.warmUp(), settings.rounds());
  }

  /** Of transfers. */
  private List<long[]> contest(LongSupplier ours, LongSupplier limit, int rounds) {
    return new Budget.Contest(ours, limit).run(Math.min(WARM_UP, settings.warmUp()), rounds);
  }

  private static List<ByteBuffer> windows(ByteBuffer memory, Setup setup) {
    List<ByteBuffer> windows = new ArrayList<>();
    for (int at = 0; at < memory.capacity(); at += setup.size()) {
      windows.add(memory.slice(at, setup.size()));
    }
    return windows;
  }

  /** As many bytes as the state, from the same memory again and again. */
  private ChunkContent content(ByteBuffer memory, Setup setup) {
    List<ByteBuffer> windows = windows(memory, setup);
    List<ByteBuffer> pieces = new ArrayList<>();
    for (long at = 0; at < size; at += setup.size()) {
      pieces.add(windows.get(pieces.size() % windows.size()));
    }
    return ChunkContent.of(pieces);
  }

  private long out(CudaKernel kernel, Setup setup, List<ByteBuffer> targets) {
    try (Checkpoint checkpoint = kernel.createCheckpoint().block(LONG)) {
      ChunkContent content = checkpoint.chunks().get(0).content();
      long start = System.nanoTime();
      Flux.range(0, (int) (size / setup.size()))
          .flatMap(
              piece ->
                  content.read(
                      (long) piece * setup.size(), targets.get(piece % targets.size()).duplicate()),
              setup.reads())
          .blockLast(LONG);
      return System.nanoTime() - start;
    }
  }

  private static long stall(CudaKernel kernel) {
    try (Checkpoint checkpoint = kernel.createCheckpoint().block(LONG)) {
      return checkpoint.capture().orElseThrow().stall().toNanos();
    }
  }

  private static long in(CudaKernel kernel, ChunkContent content) {
    DataChunk chunk = DataChunk.region("state", content);
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
}
