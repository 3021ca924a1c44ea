package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.CaptureReport;
import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointBuilder;
import io.ringkernel.checkpoint.core.host.ShadowCopies;
import io.ringkernel.checkpoint.kernel.CheckpointableKernel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;

/**
 * Keeps kernels within their stall budgets. What a kernel captures straight is copied aside if
 * reading it where it is would take too long, and the kernel runs on; all stalls are measured.
 */
final class StallGuard {
  private final ShadowCopies shadows;
  private final Scheduler timer;
  private final StallEstimates estimates = new StallEstimates();

  /**
   * @param shadows for kernels that have none
   */
  StallGuard(ShadowCopies shadows, Scheduler timer) {
    this.shadows = shadows;
    this.timer = timer;
  }

  /** Refuses a capture that would be over its budget before anything is stopped. */
  Mono<Void> requireAffordable(String kernelId, StallBudget budget) {
    return Mono.fromRunnable(
        () -> {
          StallEstimates.Estimate estimate = estimates.of(kernelId);
          Optional<Duration> expected =
              budget.refuses() ? estimate.least().filter(budget::isOver) : Optional.empty();
          if (expected.isPresent()) {
            estimate.forgetSome();
            throw budget.estimated(kernelId, expected.get());
          }
        });
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

    private Guarded(CheckpointableKernel kernel, StallBudget budget) {
      this.kernel = kernel;
      this.budget = budget;
    }

    /** The same save, given up when a straight capture takes too long and that is refused. */
    <T> Mono<T> giveUpInTime(Mono<T> save) {
      return Mono.firstWithSignal(save, overrun.asMono().then(Mono.empty()));
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
      return requireAffordable(kernel.kernelId(), budget)
          .then(Mono.defer(capture))
          .flatMap(this::settle);
    }

    private Mono<Checkpoint> settle(Checkpoint captured) {
      long arrivedAt = System.nanoTime();
      CaptureReport report = captured.capture().orElse(null);
      if (report == null) {
        return Mono.just(captured);
      }
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
              .map(
                  copy -> {
                    captured.close();
                    Duration stall = report.stall().plusNanos(System.nanoTime() - arrivedAt);
                    return judged(copy, stall, List.of());
                  })
              .switchIfEmpty(Mono.defer(() -> noRoom(captured, report, arrivedAt)))
              // Cancelled or failed while it was copied; closing is idempotent.
              .doOnError(e -> captured.close())
              .doOnCancel(captured::close);
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
          shadow, new CaptureReport(stall, CaptureReport.Mode.SHADOW, notes), shadow::close);
    }

    /** One that stands still until it was read, or until its budget is used up. */
    private Checkpoint straight(
        Checkpoint captured, CaptureReport report, long arrivedAt, List<String> notes) {
      Duration left = budget.limit().minus(report.stall());
      Disposable alarm =
          budget.refuses()
              ? Mono.delay(left.isNegative() ? Duration.ZERO : left, timer)
                  .subscribe(tick -> overrun.tryEmitError(overrun(report, arrivedAt)))
              : () -> {};
      return with(
          captured,
          new CaptureReport(report.stall(), report.mode(), notes),
          () -> {
            alarm.dispose();
            captured.close();
            Duration stall = stall(report, arrivedAt);
            estimates.of(kernelId()).add(CaptureReport.Mode.STRAIGHT, captured.size(), stall);
          });
    }

    private Throwable overrun(CaptureReport report, long arrivedAt) {
      return budget.measured(kernelId(), stall(report, arrivedAt));
    }

    private static Duration stall(CaptureReport report, long arrivedAt) {
      return report.stall().plusNanos(System.nanoTime() - arrivedAt);
    }
  }

  private static Checkpoint with(Checkpoint checkpoint, CaptureReport report, Runnable onClose) {
    CheckpointBuilder builder = Checkpoint.builder(checkpoint.metadata());
    checkpoint.chunks().forEach(builder::chunk);
    return builder.capture(report).onClose(onClose).build();
  }
}
