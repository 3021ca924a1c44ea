package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.CaptureReport;
import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointBuilder;
import io.ringkernel.checkpoint.core.host.ShadowCopies;
import io.ringkernel.checkpoint.error.StallBudgetException;
import io.ringkernel.checkpoint.internal.FirstFailure;
import io.ringkernel.checkpoint.kernel.CheckpointableKernel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * Keeps kernels within their stall budgets. What a kernel captures straight is copied aside if
 * reading it where it is would take too long, and the kernel runs on; all stalls are measured.
 */
final class StallGuard {
  private final ShadowCopies shadows;
  private final KernelLimit releaseLimit;
  private final StallEstimates estimates = new StallEstimates();

  /**
   * @param shadows for kernels that have none
   * @param releaseLimit how long it is waited for a kernel to run on
   */
  StallGuard(ShadowCopies shadows, KernelLimit releaseLimit) {
    this.shadows = shadows;
    this.releaseLimit = releaseLimit;
  }

  /** Refuses a capture that would be over its budget before anything is stopped. */
  void requireAffordable(String kernelId, StallBudget budget) {
    StallEstimates.Estimate estimate = estimates.of(kernelId);
    Optional<Duration> expected =
        budget.refuses() ? estimate.least().filter(budget::isOver) : Optional.empty();
    if (expected.isPresent()) {
      estimate.forgetSome();
      throw budget.estimated(kernelId, expected.get());
    }
  }

  /** The same kernel, with its captures kept within a budget. */
  Guarded guarded(CheckpointableKernel kernel, StallBudget budget) {
    return new Guarded(kernel, budget);
  }

  /** A kernel whose captures are watched. */
  final class Guarded implements CheckpointableKernel {
    private final CheckpointableKernel kernel;
    private final StallBudget budget;
    private final Sinks.Empty<Void> overrun = Sinks.empty();
    private volatile @Nullable Checkpoint standing;

    private Guarded(CheckpointableKernel kernel, StallBudget budget) {
      this.kernel = kernel;
      this.budget = budget;
    }

    /**
     * The same save, given up when a straight capture takes too long and that is refused: told when
     * the kernel runs on.
     */
    <T> Mono<T> giveUpInTime(Mono<T> save) {
      return Mono.firstWithSignal(save, overrun.asMono().then(Mono.<T>empty()))
          .onErrorResume(StallBudgetException.class, e -> letGo(e).then(Mono.error(e)));
    }

    private Mono<Void> letGo(StallBudgetException overrun) {
      Checkpoint held = standing;
      return held == null
          ? Mono.empty()
          : releaseLimit
              .release(held)
              .onErrorResume(
                  stuck -> {
                    FirstFailure.suppress(stuck, overrun);
                    return Mono.empty();
                  });
    }

    @Override
    public String kernelId() {
      return kernel.kernelId();
    }

    @Override
    public String kernelType() {
      return kernel.kernelType();
    }

    @Override
    public boolean supportsIncremental() {
      return kernel.supportsIncremental();
    }

    @Override
    public Mono<Checkpoint> createCheckpoint() {
      return watched(kernel::createCheckpoint);
    }

    @Override
    public Mono<Checkpoint> createIncrementalCheckpoint(Checkpoint base) {
      return watched(() -> kernel.createIncrementalCheckpoint(base));
    }

    @Override
    public Mono<Void> restoreFromCheckpoint(Checkpoint checkpoint) {
      return kernel.restoreFromCheckpoint(checkpoint);
    }

    private Mono<Checkpoint> watched(Supplier<Mono<Checkpoint>> capture) {
      // No operator in between drops a checkpoint that comes when nobody waits for it any more.
      return Mono.defer(
          () -> {
            requireAffordable(kernelId(), budget);
            long calledAt = System.nanoTime();
            return capture.get().flatMap(captured -> settle(captured, calledAt));
          });
    }

    /** What a capture that brings no report may have been at worst: the kernel still stands. */
    private static CaptureReport unreported(long calledAt) {
      return new CaptureReport(
          Duration.ofNanos(System.nanoTime() - calledAt),
          CaptureReport.Mode.STRAIGHT,
          List.of(
              "the kernel does not report what a capture costs: its stall is measured from"
                  + " outside, from the call to the release, and may have been shorter"));
    }

    private Mono<Checkpoint> settle(Checkpoint captured, long calledAt) {
      CaptureReport report = captured.capture().orElseGet(() -> unreported(calledAt));
      long arrivedAt = System.nanoTime();
      if (report.mode() == CaptureReport.Mode.SHADOW) {
        return Mono.fromSupplier(() -> judged(captured, report.stall(), report.notes()));
      }
      long size = captured.size();
      boolean fits =
          estimates
              .of(kernelId())
              .of(CaptureReport.Mode.STRAIGHT, size)
              .filter(expected -> !budget.isOver(expected))
              .isPresent();
      return fits
          ? Mono.fromSupplier(() -> straight(captured, report, arrivedAt, report.notes()))
          : shadows
              .copy(captured)
              .flatMap(copy -> letRunOn(captured, copy, report, arrivedAt))
              .switchIfEmpty(Mono.defer(() -> noRoom(captured, report, arrivedAt)))
              // Cancelled or failed while it was copied; closing is idempotent.
              .doOnError(e -> captured.close())
              .doOnCancel(captured::close);
    }

    /** From a copy of its state it is saved while it runs; if it does not run on, it is not. */
    private Mono<Checkpoint> letRunOn(
        Checkpoint captured, Checkpoint copy, CaptureReport report, long arrivedAt) {
      List<String> notes = captured.capture().isPresent() ? List.of() : report.notes();
      return captured
          .release()
          .then(Mono.fromSupplier(() -> judged(copy, stall(report, arrivedAt), notes)))
          .doOnError(e -> copy.close())
          .doOnCancel(copy::close);
    }

    private Mono<Checkpoint> noRoom(Checkpoint captured, CaptureReport report, long arrivedAt) {
      List<String> notes = new ArrayList<>(report.notes());
      notes.add(
          "read straight: no room for a shadow of "
              + captured.size()
              + " bytes within the checkpointer's limit");
      return Mono.fromSupplier(() -> straight(captured, report, arrivedAt, notes));
    }

    /** One that runs already: its stall is known. */
    private Checkpoint judged(Checkpoint shadow, Duration stall, List<String> notes) {
      estimates.of(kernelId()).add(CaptureReport.Mode.SHADOW, shadow.size(), stall);
      if (budget.refuses() && budget.isOver(stall)) {
        shadow.close();
        throw budget.measured(kernelId(), stall);
      }
      return with(
          shadow, new CaptureReport(stall, CaptureReport.Mode.SHADOW, notes), shadow.release());
    }

    /** One that stands still until it was read, or until its budget is used up. */
    private Checkpoint straight(
        Checkpoint captured, CaptureReport report, long arrivedAt, List<String> notes) {
      Duration left = budget.limit().minus(report.stall());
      Disposable alarm =
          budget.refuses()
              ? Mono.delay(left, releaseLimit.timer())
                  .subscribe(tick -> tellOverrun(stall(report, arrivedAt)))
              : () -> {};
      standing = captured;
      return with(
          captured,
          new CaptureReport(report.stall(), report.mode(), notes),
          captured
              .release()
              .doOnSuccess(done -> ran(captured.size(), stall(report, arrivedAt)))
              .doOnTerminate(alarm::dispose));
    }

    private void ran(long size, Duration stall) {
      estimates.of(kernelId()).add(CaptureReport.Mode.STRAIGHT, size, stall);
      if (budget.refuses() && budget.isOver(stall)) {
        // The alarm may be late by a little; nothing is committed before this has been told.
        tellOverrun(stall);
      }
    }

    private void tellOverrun(Duration stall) {
      overrun.tryEmitError(budget.measured(kernelId(), stall));
    }

    private static Duration stall(CaptureReport report, long arrivedAt) {
      return report.stall().plusNanos(System.nanoTime() - arrivedAt);
    }
  }

  private static Checkpoint with(
      Checkpoint checkpoint, CaptureReport report, Mono<Void> onRelease) {
    CheckpointBuilder builder = Checkpoint.builder(checkpoint.metadata());
    checkpoint.chunks().forEach(builder::chunk);
    return builder.capture(report).onRelease(onRelease).build();
  }
}
