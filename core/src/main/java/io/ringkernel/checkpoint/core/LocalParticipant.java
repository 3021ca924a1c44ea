package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.CaptureReport;
import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.HlcTimestamp;
import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.error.KernelException.Phase;
import io.ringkernel.checkpoint.internal.FirstFailure;
import io.ringkernel.checkpoint.kernel.CheckpointableKernel;
import io.ringkernel.checkpoint.kernel.QuiescableKernel;
import io.ringkernel.checkpoint.kernel.QuiescedKernel;
import java.time.Duration;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.util.context.Context;

/**
 * A kernel of this process in a cut. It is saved as any other is, but the save is given a {@link
 * WaitingKernel}: so claims, bases, deltas and the commit are the saver's.
 */
final class LocalParticipant implements Participant {
  /**
   * What it works with.
   *
   * @param save saves a kernel under a name that is made for it, and tells that just before it is
   *     committed
   * @param committed the entry that a save committed
   * @param undo removes what was committed under a name, for a group that failed
   * @param stalls keeps it within its budget
   * @param budget how long it may stand still; null for as long as it takes
   * @param limit for each step of the kernel
   */
  record Means(
      BiFunction<CheckpointableKernel, Consumer<String>, Mono<SaveReceipt>> save,
      Function<SaveReceipt, Mono<Entry>> committed,
      Function<String, Mono<Void>> undo,
      StallGuard stalls,
      @Nullable StallBudget budget,
      KernelLimit limit) {}

  private final QuiescableKernel kernel;
  private final Means means;
  private final WaitingKernel waiting;
  private final Sinks.One<SaveReceipt> receipt = Sinks.one();
  private final Disposable.Swap save = Disposables.swap();
  private volatile HlcTimestamp cut = HlcTimestamp.ZERO;
  private volatile Duration stall = Duration.ZERO;
  private volatile UnaryOperator<Mono<Void>> overrun = UnaryOperator.identity();
  private volatile long quiescedAt;
  private volatile boolean kept;

  // Guarded by this:
  private @Nullable String name;
  private @Nullable QuiescedKernel quiesced;
  private @Nullable Checkpoint captured;
  private boolean ended;

  LocalParticipant(QuiescableKernel kernel, Means means) {
    this.kernel = kernel;
    this.means = means;
    this.waiting = new WaitingKernel(kernel, Mono.defer(this::affordable));
  }

  private Mono<Void> affordable() {
    StallBudget budget = means.budget;
    return budget == null
        ? Mono.empty()
        : Mono.fromRunnable(() -> means.stalls.requireAffordable(kernelId(), budget));
  }

  @Override
  public String kernelId() {
    return kernel.kernelId();
  }

  @Override
  public Mono<Void> ready() {
    return Mono.deferContextual(
        subscriber -> {
          save.update(
              means
                  .save
                  .apply(waiting, this::committing)
                  .subscribe(
                      receipt::tryEmitValue,
                      receipt::tryEmitError,
                      null,
                      Context.of(subscriber).putAll(FirstFailure.UNTIL_DISPOSED.readOnly())));
          return Mono.firstWithSignal(waiting.asked(), receipt.asMono().then());
        });
  }

  private synchronized void committing(String made) {
    if (ended) {
      throw failed(Phase.CAPTURE, "it was saved when the cut was over", null);
    }
    name = made;
  }

  @Override
  public Mono<HlcTimestamp> quiesce() {
    return within(
        Phase.QUIESCE,
        "it did not come to a stop",
        Mono.defer(kernel::quiesce)
            .switchIfEmpty(Mono.error(() -> failed(Phase.QUIESCE, "it gave nothing", null)))
            .map(this::stands));
  }

  private synchronized HlcTimestamp stands(QuiescedKernel standing) {
    quiesced = standing;
    quiescedAt = System.nanoTime();
    if (ended) {
      // Its failure has nobody to be told to any more and goes to Reactor's log.
      Mono.defer(() -> standing.resume(HlcTimestamp.ZERO)).subscribe();
      throw failed(Phase.QUIESCE, "it came to a stop when the cut was over", null);
    }
    return standing.hlc();
  }

  @Override
  public Mono<Void> capture(HlcTimestamp time) {
    return within(
        Phase.CAPTURE,
        "it was not captured",
        Mono.defer(
            () -> {
              cut = time;
              return captured(standing())
                  .doOnNext(this::arrived)
                  .switchIfEmpty(
                      Mono.error(() -> failed(Phase.CAPTURE, "it gave no checkpoint", null)))
                  .flatMap(this::untilStable);
            }));
  }

  private Mono<Checkpoint> captured(QuiescedKernel standing) {
    StallBudget budget = means.budget;
    if (budget == null) {
      return waiting.capture(standing);
    }
    StallGuard.Guarded guarded = means.stalls.guarded(standing, budget);
    overrun = guarded::giveUpInTime;
    return waiting.capture(guarded);
  }

  /**
   * What is read straight must be stored before any kernel of the cut runs on: another one might
   * send something into the state that is being read.
   */
  private Mono<Void> untilStable(Checkpoint checkpoint) {
    return isStraight(checkpoint)
        ? Mono.defer(
            () -> {
              handOver(checkpoint);
              Mono<Void> stored = Mono.firstWithSignal(waiting.wasRead(), receipt.asMono().then());
              return overrun.apply(stored);
            })
        : Mono.empty();
  }

  /** One that does not tell is taken for one: it is not harmed by that. */
  private static boolean isStraight(Checkpoint checkpoint) {
    return checkpoint
        .capture()
        .filter(report -> report.mode() == CaptureReport.Mode.SHADOW)
        .isEmpty();
  }

  private synchronized QuiescedKernel standing() {
    if (quiesced == null) {
      throw failed(Phase.CAPTURE, "it does not stand still", null);
    }
    return quiesced;
  }

  private synchronized void arrived(Checkpoint checkpoint) {
    captured = checkpoint;
    if (ended) {
      checkpoint.close();
    }
  }

  @Override
  public Mono<Void> resume() {
    return Mono.defer(
        () -> {
          QuiescedKernel standing = standing();
          return within(Phase.RESUME, "it did not run on", Mono.defer(() -> standing.resume(cut)))
              .then(Mono.fromRunnable(this::runs));
        });
  }

  private void runs() {
    stall = stoodFor();
    StallBudget budget = means.budget;
    if (budget != null && budget.refuses() && budget.isOver(stall)) {
      throw budget.measured(kernelId(), stall);
    }
    Checkpoint checkpoint = captured();
    if (!isStraight(checkpoint)) {
      handOver(checkpoint);
    }
  }

  private synchronized Checkpoint captured() {
    if (captured == null) {
      throw failed(Phase.RESUME, "it was not captured", null);
    }
    return captured;
  }

  private void handOver(Checkpoint checkpoint) {
    waiting.handOver(checkpoint, cut, stoodFor());
  }

  private Duration stoodFor() {
    return Duration.ofNanos(System.nanoTime() - quiescedAt);
  }

  @Override
  public Mono<Saved> saved() {
    return receipt
        .asMono()
        .flatMap(saved -> means.committed.apply(saved).map(entry -> saved(saved, entry)));
  }

  private Saved saved(SaveReceipt saved, Entry entry) {
    StallBudget budget = means.budget;
    List<String> notes = budget == null ? saved.notes() : budget.noted(saved.notes(), stall);
    return new Saved(saved.name(), entry, stall, notes);
  }

  /**
   * Whose its checkpoint is.
   *
   * @param stays whatever becomes of the group: that is for another to decide
   */
  void keep(boolean stays) {
    kept = stays;
  }

  /** Whatever is open is closed; the kernel is let go, and what it says to that is told. */
  @Override
  public Mono<Void> abort(Throwable reason) {
    return Mono.defer(
        () -> {
          End end = end();
          String saved = end.name();
          if (saved == null) {
            save.dispose();
          }
          Mono<Void> resume = within(Phase.RESUME, "it did not run on", end.letGo(cut));
          Mono<Void> undo = saved == null ? Mono.empty() : undo(saved);
          return resume.onErrorResume(e -> undo.then(Mono.error(e))).then(undo);
        });
  }

  /** A commit that is under way is waited for: one that is given up could come true later. */
  private Mono<Void> undo(String saved) {
    Mono<Void> over =
        within(Phase.CAPTURE, "its commit was not answered", receipt.asMono())
            .then()
            .onErrorComplete()
            .doFinally(end -> save.dispose());
    return over.then(Mono.defer(() -> kept ? Mono.<Void>empty() : means.undo.apply(saved)))
        .onErrorComplete();
  }

  private synchronized End end() {
    ended = true;
    return new End(captured, quiesced, name);
  }

  /**
   * What was open when it was over.
   *
   * @param name under which it was committed, or was about to be; null when it was not
   */
  private record End(
      @Nullable Checkpoint captured, @Nullable QuiescedKernel quiesced, @Nullable String name) {
    /** A straight capture is what a kernel waits for before it runs on. */
    Mono<Void> letGo(HlcTimestamp cut) {
      return Mono.whenDelayError(
              captured == null ? Mono.empty() : captured.release(),
              quiesced == null ? Mono.empty() : Mono.defer(() -> quiesced.resume(cut)))
          .onErrorMap(FirstFailure::in);
    }
  }

  private <T> Mono<T> within(Phase phase, String what, Mono<T> step) {
    return means.limit.on(kernel.kernelId(), phase, what, step);
  }

  private KernelException failed(Phase phase, String what, @Nullable Throwable cause) {
    return new KernelException(kernel.kernelId(), phase, what, cause);
  }
}
