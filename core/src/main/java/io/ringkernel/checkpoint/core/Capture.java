package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.CaptureReport;
import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.internal.FirstFailure;
import io.ringkernel.checkpoint.internal.Spans;
import io.ringkernel.checkpoint.internal.ThrownErrors;
import io.ringkernel.checkpoint.kernel.CheckpointableKernel;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/**
 * One capture of a kernel: releases the checkpoint whatever happens, also one that arrives when
 * nobody waits for it any more, and measures the stall until the kernel runs on.
 */
final class Capture {
  private final CheckpointableKernel kernel;
  private final @Nullable Checkpoint base;
  private final KernelLimit releaseLimit;

  /** Remembered, so that it is done once, to its end, whoever asks for it. */
  private final Mono<Void> released = Mono.defer(this::releaseIt).cache();

  private volatile boolean unattended;
  private volatile @Nullable Throwable failure;
  private volatile Duration stall = Duration.ZERO;
  private volatile long calledAt;
  private volatile long arrivedAt;

  // Guarded by this:
  private @Nullable Checkpoint checkpoint;
  private boolean closed;

  /**
   * @param base what the kernel is to make its own delta against; null: it gives everything
   * @param releaseLimit how long it is waited for the kernel to run on
   */
  Capture(CheckpointableKernel kernel, @Nullable Checkpoint base, KernelLimit releaseLimit) {
    this.kernel = kernel;
    this.base = base;
    this.releaseLimit = releaseLimit;
  }

  /** Captures, within a time. */
  Mono<Checkpoint> take(Duration timeout) {
    Mono<Checkpoint> called =
        Mono.defer(
            () -> {
              calledAt = System.nanoTime();
              return base == null
                  ? kernel.createCheckpoint()
                  : kernel.createIncrementalCheckpoint(base);
            });
    Mono<Checkpoint> taken =
        ThrownErrors.ofKernel(kernel.kernelId(), KernelException.Phase.CAPTURE, called)
            .switchIfEmpty(Mono.error(() -> failed("it gave no checkpoint", null)))
            .doOnNext(this::arrived);
    return new Deadline(timeout, releaseLimit.timer())
        .on(taken)
        .onErrorMap(TimeoutException.class, e -> tookTooLong(timeout, e))
        .onErrorMap(Capture::isStuck, e -> unsaved((KernelException) e));
  }

  private KernelException tookTooLong(Duration timeout, TimeoutException cause) {
    return failed(
        "it took longer than "
            + Spans.words(timeout)
            + " (CheckpointerBuilder.captureTimeout), and nothing is saved: check that it comes to a"
            + " stop and runs on, or allow more time if taking its state needs it",
        cause);
  }

  private static boolean isStuck(Throwable error) {
    return error instanceof KernelException stuck && stuck.phase() == KernelException.Phase.RESUME;
  }

  /** Whose state was taken, in a shadow, and which did not run on then. */
  private static KernelException unsaved(KernelException stuck) {
    return new KernelException(
        stuck.kernelId(),
        stuck.phase(),
        "nothing is saved, and it stands still: "
            + stuck.reason()
            + "; remove what keeps it from running and capture or restore it again, which lets it run"
            + " on if it can be stopped twice, or end it and restore the newest checkpoint",
        stuck.deviceCode().isPresent() ? stuck.deviceCode().getAsInt() : null,
        stuck);
  }

  private synchronized void arrived(Checkpoint captured) {
    if (closed) {
      captured.close();
      return;
    }
    checkpoint = captured;
    arrivedAt = System.nanoTime();
    String id = captured.metadata().kernelId();
    String type = captured.metadata().kernelType();
    if (!id.equals(kernel.kernelId()) || !type.equals(kernel.kernelType())) {
      throw failed("its checkpoint says it is of kernel '" + id + "', type '" + type + "'", null);
    }
  }

  private KernelException failed(String reason, @Nullable Throwable cause) {
    return new KernelException(kernel.kernelId(), KernelException.Phase.CAPTURE, reason, cause);
  }

  /** From now on nobody is told of anything: that the kernel does not run on goes to a log. */
  void unattended() {
    unattended = true;
  }

  /** Lets the kernel run on, if it does not yet. Idempotent; never fails: see {@link #failure}. */
  Mono<Void> release() {
    return released;
  }

  private Mono<Void> releaseIt() {
    Checkpoint captured = end();
    return captured == null
        ? Mono.empty()
        : releaseLimit
            .release(captured)
            .doOnTerminate(() -> stall = stall(captured.capture().orElse(null)))
            .onErrorResume(this::note);
  }

  private synchronized @Nullable Checkpoint end() {
    closed = true;
    return checkpoint;
  }

  private Mono<Void> note(Throwable error) {
    failure = error;
    if (unattended) {
      Operators.onErrorDropped(error, Context.empty());
    }
    return Mono.empty();
  }

  private Duration stall(@Nullable CaptureReport report) {
    long now = System.nanoTime();
    if (report == null) {
      return Duration.ofNanos(now - calledAt);
    }
    return report.mode() == CaptureReport.Mode.STRAIGHT
        ? report.stall().plusNanos(now - arrivedAt)
        : report.stall();
  }

  /** How long the kernel stood still, once this is released; at most, if it does not tell. */
  Duration stall() {
    return stall;
  }

  /** Why it could not be released; null when it was. */
  @Nullable Throwable failure() {
    return failure;
  }

  /** Tells of a failed release where another failure is told. */
  void addTo(Throwable error) {
    Throwable also = failure;
    if (also != null) {
      FirstFailure.suppress(also, error);
    }
  }
}
