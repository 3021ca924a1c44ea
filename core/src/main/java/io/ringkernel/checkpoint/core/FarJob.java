package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.core.FarReceipt.Outcome;
import java.time.Duration;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** One checkpoint that is to be copied to the far tier. */
final class FarJob {
  /** Of one kernel: in the order of the commits. */
  static final Comparator<FarJob> ORDER =
      Comparator.comparing((FarJob job) -> job.sequence, Long::compareUnsigned)
          .thenComparing(job -> job.imported)
          .thenComparing(job -> job.name);

  final String kernelId;
  final String name;
  final long sequence;

  /** Whether it was imported, and stands beside the commits. */
  final boolean imported;

  /** Whether it was left by an earlier process. */
  final boolean resumed;

  private final long since = System.nanoTime();
  private final Sinks.One<FarReceipt> result = Sinks.one();
  private volatile int attempts;

  FarJob(String kernelId, String name, long sequence, boolean imported, boolean resumed) {
    this.kernelId = kernelId;
    this.name = name;
    this.sequence = sequence;
    this.imported = imported;
    this.resumed = resumed;
  }

  /** Whether it is of the checkpoint that a receipt tells. */
  boolean isOf(SaveReceipt saved) {
    return sequence == saved.sequence()
        && name.equals(saved.name())
        && kernelId.equals(saved.kernelId());
  }

  /** Whether it is of a checkpoint. */
  boolean isOf(CheckpointInfo info) {
    return sequence == info.sequence()
        && imported == info.imported()
        && name.equals(info.name())
        && kernelId.equals(info.metadata().kernelId());
  }

  /** How often it was begun, this time included. Only its one worker asks. */
  int begin() {
    int now = attempts + 1;
    attempts = now;
    return now;
  }

  int attempts() {
    return attempts;
  }

  FarReceipt receipt(Outcome outcome, @Nullable CopyReceipt copy, @Nullable Throwable failure) {
    Duration lag = Duration.ofNanos(System.nanoTime() - since);
    return new FarReceipt(kernelId, name, sequence, outcome, copy, failure, attempts, lag);
  }

  /** The last receipt. */
  Mono<FarReceipt> result() {
    return result.asMono();
  }

  void end(FarReceipt receipt) {
    result.tryEmitValue(receipt);
  }

  void end(Throwable failure) {
    result.tryEmitError(failure);
  }
}
