package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.CaptureReport;
import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.kernel.CheckpointableKernel;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * One capture of a kernel: closes the checkpoint whatever happens, also one that arrives when
 * nobody waits for it any more, and measures the stall to its end.
 */
final class Capture {
  private final CheckpointableKernel kernel;
  private final @Nullable Checkpoint base;
  private @Nullable Checkpoint checkpoint;
  private boolean closed;
  private long arrivedAt;
  private Duration stall = Duration.ZERO;

  /**
   * @param base what the kernel is to make its own delta against; null: it gives everything
   */
  Capture(CheckpointableKernel kernel, @Nullable Checkpoint base) {
    this.kernel = kernel;
    this.base = base;
  }

  /** Captures, within a time. */
  Mono<Checkpoint> take(Duration timeout, Scheduler timer) {
    Mono<Checkpoint> capture =
        base == null ? kernel.createCheckpoint() : kernel.createIncrementalCheckpoint(base);
    return capture
        .switchIfEmpty(Mono.error(() -> failed("it gave no checkpoint", null)))
        .doOnNext(this::arrived)
        .timeout(timeout, timer)
        .onErrorMap(TimeoutException.class, e -> failed("it took longer than " + timeout, e));
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

  /** Lets the kernel run on, if it does not yet. Idempotent. */
  synchronized void close() {
    closed = true;
    if (checkpoint != null) {
      CaptureReport report = checkpoint.capture().orElse(null);
      checkpoint.close();
      checkpoint = null;
      stall = stall(report);
    }
  }

  private Duration stall(@Nullable CaptureReport report) {
    if (report == null) {
      return Duration.ZERO;
    }
    return report.mode() == CaptureReport.Mode.STRAIGHT
        ? report.stall().plusNanos(System.nanoTime() - arrivedAt)
        : report.stall();
  }

  /** How long the kernel stood still, once this is closed. */
  synchronized Duration stall() {
    return stall;
  }
}
