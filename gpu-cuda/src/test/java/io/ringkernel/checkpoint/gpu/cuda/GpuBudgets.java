package io.ringkernel.checkpoint.gpu.cuda;

import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.gpu.cuda.Budget.Goal;
import io.ringkernel.checkpoint.gpu.cuda.MeasuredKernel.Setup;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.stream.LongStream;
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
    try (MeasuredKernel kernel = MeasuredKernel.of(state, Setup.MANY)) {
      out("pinned memory", kernel, bare.pinned(), settings.rounds());
      in("pinned memory", kernel, bare.pinned(), settings.rounds());
      stall("stall with a shadow", contest(kernel::stall, bare::within));
      fingerprint("fingerprint and compare", contest(kernel.compared(), bare::within));
      out("other memory", kernel, ordinary, settings.rounds());
      in("other memory", kernel, ordinary, settings.rounds());
      ChunkContent other = kernel.content(ordinary);
      report.add(
          Budget.ofRates(
              named("restore of what is not in memory"),
              "restore from other memory",
              contest(kernel.in(new Unseen(other)), kernel.in(other), few()),
              size,
              size,
              null));
    }
  }

  private void otherBuffers() {
    for (Setup setup : List.of(Setup.USUAL, Setup.TWICE_THE_USUAL, Setup.LONG_PIECES)) {
      try (MeasuredKernel kernel = MeasuredKernel.of(state, setup)) {
        out("pinned memory, " + setup, kernel, bare.pinned(), few());
        in("pinned memory, " + setup, kernel, bare.pinned(), few());
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
      MeasuredKernel kernel = new MeasuredKernel(wave.kernel(), size, Setup.USUAL);
      stalls = contest(kernel::stall, () -> before);
      fingerprints = contest(kernel.compared(), () -> before);
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

  private void out(String where, MeasuredKernel kernel, ByteBuffer memory, int rounds) {
    report.add(
        Budget.ofRates(
            named("device to host, into " + where),
            "bare pinned copy",
            contest(kernel.out(memory), bare::out, rounds),
            size,
            size,
            OUT));
  }

  private void in(String where, MeasuredKernel kernel, ByteBuffer memory, int rounds) {
    report.add(
        Budget.ofRates(
            named("restore from " + where),
            "bare pinned copy to the device",
            contest(kernel.in(kernel.content(memory)), bare::in, rounds),
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
}
