package io.ringkernel.checkpoint.gpu.cuda;

import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.core.BaseChoice;
import io.ringkernel.checkpoint.core.CheckpointKind;
import io.ringkernel.checkpoint.core.Checkpointer;
import io.ringkernel.checkpoint.core.RestoreOptions;
import io.ringkernel.checkpoint.core.SaveReceipt;
import io.ringkernel.checkpoint.core.SaveRequest;
import io.ringkernel.checkpoint.gpu.cuda.Budget.Goal;
import io.ringkernel.checkpoint.kernel.AdaptedKernel;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * A large state saved to a store and restored from it: a full save beside incremental ones, and
 * what the device adds to reading a checkpoint, beside reading it into the host's memory and beside
 * reading its file.
 */
final class StoreBudgets {
  private static final int BUFFERS = 32;
  private static final int PIECE = 4 << 20;

  /** One block in so many changes. */
  private static final int EVERY = 100;

  private static final int MOST_RESTORES = 2;
  private static final Duration LONG = Duration.ofMinutes(5);

  private final String store;
  private final long size;
  private final BudgetReport report;

  /** Memory to read into, over and over. */
  private final List<ByteBuffer> targets =
      Stream.generate(() -> ByteBuffer.allocateDirect(PIECE)).limit(BUFFERS).toList();

  /**
   * @param store URI of an empty one
   * @param size bytes of state, a multiple of 16 MiB
   */
  StoreBudgets(String store, long size, BudgetReport report) {
    this.store = store;
    this.size = size;
    this.report = report;
  }

  /**
   * Saves and restores.
   *
   * @param rounds the most of each
   */
  void measure(int rounds) {
    Checkpointer checkpointer = Checkpointer.open(store);
    try (GpuState state = new GpuState(size)) {
      AdaptedKernel kernel =
          new CudaKernelAdapterProvider()
              .adapt(
                  KernelDescriptor.builder("saved", "saved")
                      .standsStill()
                      .region("state", state.memory())
                      .option("ring-buffers", Integer.toString(BUFFERS))
                      .build());
      String full = saves(checkpointer, kernel, state, Math.min(2, rounds));
      restores(checkpointer, kernel, full, Math.min(MOST_RESTORES, rounds));
      kernel.close().block(LONG);
    } finally {
      checkpointer.close().block(LONG);
    }
  }

  private String named(String what) {
    return GpuBudgets.mebibytes(size) + ": " + what;
  }

  /**
   * Full saves, each with an incremental one of it. The first of two full ones pays for what is
   * only done once, and does not count.
   *
   * @return the newest full one's name
   */
  private String saves(
      Checkpointer checkpointer, AdaptedKernel kernel, GpuState state, int rounds) {
    List<long[]> times = new ArrayList<>();
    long full = 0;
    for (int i = 0; i <= rounds; i++) {
      if (i < 2) {
        full = save(checkpointer, kernel, "full" + i, BaseChoice.full(), size);
      }
      state.changeEvery(EVERY);
      String base = i < 2 ? "full" + i : "delta" + (i - 1);
      times.add(
          new long[] {
            full, save(checkpointer, kernel, "delta" + i, BaseChoice.named(base), changed())
          });
    }
    report.add(
        Budget.ofTimes(
            named("full save, beside one with 1 % changed"),
            "the incremental save, durable",
            times.subList(1, times.size()),
            Goal.least(20)));
    return "full1";
  }

  private long changed() {
    long blocks = size / GpuState.BLOCK;
    return (blocks + EVERY - 1) / EVERY * GpuState.BLOCK;
  }

  /** What is saved must be what changed: a device that hashes otherwise than the host is found. */
  private long save(
      Checkpointer checkpointer, AdaptedKernel kernel, String name, BaseChoice base, long changed) {
    long start = System.nanoTime();
    SaveReceipt receipt =
        checkpointer.save(kernel, SaveRequest.defaults().named(name).base(base)).block(LONG);
    long took = System.nanoTime() - start;
    CheckpointKind wanted =
        base.kind() == BaseChoice.Kind.FULL ? CheckpointKind.FULL : CheckpointKind.DELTA;
    if (receipt.kind() != wanted || receipt.changed() != changed) {
      throw new IllegalStateException("it was saved otherwise than asked: " + receipt);
    }
    report.say(
        String.format(
            "%s: %d MiB stored in %d ms",
            receipt.name(), receipt.stored() >> 20, Duration.ofNanos(took).toMillis()));
    return took;
  }

  /**
   * In turns: restored in one pass and as usual, read into the host's memory, and its bare file.
   */
  private void restores(Checkpointer checkpointer, AdaptedKernel kernel, String name, int rounds) {
    RestoreOptions onePass = RestoreOptions.defaults().verifyWhileRestoring();
    Optional<Path> file = largestFile();
    List<long[]> all = new ArrayList<>();
    for (int i = 0; i <= rounds; i++) {
      all.add(
          new long[] {
            timed(checkpointer.restore(kernel, name, onePass).then()),
            timed(checkpointer.restore(kernel, name).then()),
            timed(read(checkpointer, name)),
            file.map(each -> timed(readBare(each))).orElse(0L)
          });
    }
    // Every block as it was saved, as the device finds.
    save(checkpointer, kernel, "restored", BaseChoice.named(name), 0);
    List<long[]> counted = all.subList(1, all.size());
    compare("restore, verified on the way", counted, 0, "reading it into the host's memory", 2);
    compare("restore, verified before", counted, 1, "reading it into the host's memory", 2);
    if (file.isPresent()) {
      compare("reading it into the host's memory", counted, 2, "reading its bare file", 3);
    }
  }

  private void compare(String what, List<long[]> rounds, int ours, String limit, int limits) {
    List<long[]> pairs =
        rounds.stream().map(round -> new long[] {round[ours], round[limits]}).toList();
    report.add(Budget.ofRates(named(what), limit, pairs, size, size, null));
  }

  private static long timed(Mono<Void> work) {
    long start = System.nanoTime();
    work.block(LONG);
    return System.nanoTime() - start;
  }

  /** As a restore reads it, but for the device. */
  private Mono<Void> read(Checkpointer checkpointer, String name) {
    return Mono.usingWhen(
        checkpointer.load(name),
        checkpoint -> {
          ChunkContent content = checkpoint.region("state").orElseThrow().content();
          return pieces(size, (at, target) -> content.read(at, target).then());
        },
        checkpoint -> Mono.fromRunnable(checkpoint::close));
  }

  private Mono<Void> readBare(Path file) {
    return Mono.using(
        () -> FileChannel.open(file, StandardOpenOption.READ),
        channel ->
            pieces(
                size,
                (at, target) ->
                    Mono.<Void>fromRunnable(() -> readFully(channel, at, target))
                        .subscribeOn(Schedulers.boundedElastic())),
        StoreBudgets::close);
  }

  private interface PieceRead {
    Mono<Void> of(long at, ByteBuffer target);
  }

  /** As many at once as there is memory for, each piece into memory that no other uses. */
  private Mono<Void> pieces(long length, PieceRead read) {
    return Flux.range(0, BUFFERS)
        .flatMap(
            first ->
                Flux.fromStream(
                        IntStream.iterate(first, n -> n < length / PIECE, n -> n + BUFFERS).boxed())
                    .concatMap(
                        n -> read.of((long) n * PIECE, targets.get(first).duplicate().clear()), 1),
            BUFFERS)
        .then();
  }

  private static void readFully(FileChannel channel, long from, ByteBuffer target) {
    try {
      long at = from;
      while (target.hasRemaining()) {
        int got = channel.read(target, at);
        if (got < 0) {
          throw new IllegalStateException("the file is shorter than the state");
        }
        at += got;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void close(FileChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The file of a full save, where the store is of files. */
  private Optional<Path> largestFile() {
    if (!store.startsWith("file:")) {
      return Optional.empty();
    }
    URI uri = URI.create(store);
    Path folder =
        uri.isOpaque() ? Path.of(store.substring("file:".length())) : Path.of(uri.getPath());
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(Files::isRegularFile)
          .max(Comparator.comparingLong(file -> file.toFile().length()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
