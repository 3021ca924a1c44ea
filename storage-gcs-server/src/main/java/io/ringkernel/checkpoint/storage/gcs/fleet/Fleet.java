package io.ringkernel.checkpoint.storage.gcs.fleet;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.core.BaseChoice;
import io.ringkernel.checkpoint.core.Checkpointer;
import io.ringkernel.checkpoint.core.CollectOptions;
import io.ringkernel.checkpoint.core.RetentionPolicy;
import io.ringkernel.checkpoint.core.SaveRequest;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Kernels of 1 MiB that save again and again, a sixteenth changed each time, some at once; then
 * everything is loaded, listed, pruned and collected, and what each call asked for is counted.
 */
public final class Fleet {
  /** The call that a fleet consists of, nearly. */
  public static final String DELTA = "delta";

  private static final int KEPT = 3;
  private static final int FEWEST_SAVES = KEPT + 2;

  /** The number of a save is one byte of its state. */
  private static final int MOST_SAVES = 256;

  private static final int AT_ONCE = 8;
  private static final int BLOCK = 64 << 10;
  private static final int STATE = 16 * BLOCK;

  /**
   * What some calls of one kind asked for.
   *
   * @param call of which kind
   * @param times how many
   * @param predicted by the model, for all of them
   * @param counted by the server
   */
  public record Count(String call, long times, Requests predicted, Requests counted) {
    /** Whether the model is right, to the request. */
    public boolean isMet() {
      return predicted.equals(counted);
    }
  }

  private final Checkpointer checkpointer;
  private final Supplier<List<String>> log;
  private final int kernels;
  private final int saves;

  /**
   * A fleet that has not begun.
   *
   * @param checkpointer on an empty store
   * @param log what the server was asked since the last call
   * @param kernels how many, at least 1
   * @param saves of each, 5 to 256
   */
  public Fleet(Checkpointer checkpointer, Supplier<List<String>> log, int kernels, int saves) {
    if (kernels < 1) {
      throw new IllegalArgumentException("a fleet has at least 1 kernel, not " + kernels);
    }
    if (saves < FEWEST_SAVES || saves > MOST_SAVES) {
      throw new IllegalArgumentException(
          "saves must be from " + FEWEST_SAVES + " to " + MOST_SAVES + ", not " + saves);
    }
    this.checkpointer = checkpointer;
    this.log = log;
    this.kernels = kernels;
    this.saves = saves;
  }

  /** Runs the load, once; an error if a loaded state is not the one that was saved. */
  public Flux<Count> run() {
    long all = (long) kernels * saves;
    // The newest holds its own block; all others are in the first.
    Requests load = Requests.OPEN.plus(Requests.ANCESTOR).plus(Requests.RANGE.times(2));
    Requests.Contents full = new Requests.Contents(kernels, all, all, 1);
    long pruned = (long) kernels * (saves - KEPT) - 1;
    // The first has lost its entry and not its object.
    long collected = (long) kernels * (saves - KEPT - 1);
    Requests.Contents before = new Requests.Contents(kernels, all - 1, all, 1);
    Requests pruning = Requests.pruning(before, 1, pruned);
    // The clock, and a record for each three writes.
    Requests.Contents after =
        new Requests.Contents(
            kernels, (long) kernels * KEPT, all, before.others() + 1 + pruning.posts() / 3);
    return Flux.concat(
        step("first save in a store", 1, save(0, 0), Requests.FIRST_SAVE.plus(Requests.RESERVE)),
        step(
            "first save of a kernel",
            kernels - 1L,
            saveOfEach(1, 0),
            Requests.FIRST_SAVE.times(kernels - 1L)),
        step(DELTA, all - kernels, laterSaves(), Requests.DELTA.times(all - kernels)),
        step("load", kernels, loadOfEach(), load.times(kernels)),
        step("list", 1, checkpointer.list("").then(), Requests.listing(full)),
        step("delete", 1, checkpointer.delete(name(0, 1)), Requests.DELETION),
        step("prune", 1, checkpointer.prune(RetentionPolicy.keepLast(KEPT)), pruning),
        step(
            "collect",
            1,
            checkpointer.collect(CollectOptions.defaults().grace(Duration.ZERO)),
            Requests.collection(after, collected)),
        step("load what is left", kernels, loadOfEach(), load.times(kernels)));
  }

  private Mono<Count> step(String call, long times, Mono<?> work, Requests predicted) {
    return work.then(
        Mono.fromSupplier(() -> new Count(call, times, predicted, Requests.counted(log.get()))));
  }

  private Mono<Void> laterSaves() {
    return Flux.range(1, saves - 1).concatMap(number -> saveOfEach(0, number), 1).then();
  }

  private Mono<Void> saveOfEach(int from, int number) {
    return Flux.range(from, kernels - from).flatMap(kernel -> save(kernel, number), AT_ONCE).then();
  }

  private Mono<Void> save(int kernel, int number) {
    return Mono.using(
            () ->
                Checkpoint.builder(
                        CheckpointMetadata.builder("kernel-" + kernel, "fleet")
                            .step(number)
                            .build())
                    .deviceMemory("state", ChunkContent.of(state(kernel, number)))
                    .build(),
            checkpoint ->
                checkpointer.save(
                    checkpoint,
                    SaveRequest.defaults().named(name(kernel, number)).base(BaseChoice.latest())),
            Checkpoint::close)
        .then();
  }

  private static String name(int kernel, int number) {
    return "kernel-" + kernel + "/" + number;
  }

  /** One of its sixteen blocks differs from one save to the next. */
  private static byte[] state(int kernel, int number) {
    byte[] state = new byte[STATE];
    new SplittableRandom(kernel).nextBytes(state);
    state[5 * BLOCK] = (byte) number;
    return state;
  }

  private Mono<Void> loadOfEach() {
    return Flux.range(0, kernels)
        .flatMap(
            kernel -> checkpointer.load(name(kernel, saves - 1)).flatMap(it -> check(it, kernel)),
            AT_ONCE)
        .then();
  }

  private Mono<Void> check(Checkpoint loaded, int kernel) {
    ByteBuffer target = ByteBuffer.allocate(STATE);
    return loaded
        .region("state")
        .orElseThrow()
        .content()
        .read(0, target)
        .doOnNext(
            read -> {
              if (!target.flip().equals(ByteBuffer.wrap(state(kernel, saves - 1)))) {
                throw new IllegalStateException("kernel-" + kernel + " was not loaded as saved");
              }
            })
        .doFinally(end -> loaded.close())
        .then();
  }
}
