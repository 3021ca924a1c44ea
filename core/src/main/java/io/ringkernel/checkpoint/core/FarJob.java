package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.HlcTimestamp;
import io.ringkernel.checkpoint.core.FarReceipt.Outcome;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** Something that is to be copied to the far tier, and how often that was tried. */
abstract sealed class FarJob permits FarCheckpoint, FarGroup {
  /** Of one kernel: in the order of the commits; of one group: in that of its cuts. */
  static final Comparator<FarJob> ORDER =
      Comparator.comparing((FarJob job) -> job.sequence, Long::compareUnsigned)
          .thenComparing(FarJob::cut)
          .thenComparing(job -> job.imported)
          .thenComparing(job -> job.name);

  /** Of a group, which group. */
  final String kernelId;

  final String name;

  /** Of a group, the physical part of the cut's time. */
  final long sequence;

  /** Whether it was imported, and stands beside the commits. */
  final boolean imported;

  /** Whether it was left by an earlier process. */
  final boolean resumed;

  private final long since = System.nanoTime();
  private final Sinks.One<FarReceipt> result = Sinks.one();
  private volatile int attempts;
  private volatile int misses;

  FarJob(String kernelId, String name, long sequence, boolean imported, boolean resumed) {
    this.kernelId = kernelId;
    this.name = name;
    this.sequence = sequence;
    this.imported = imported;
    this.resumed = resumed;
  }

  /** In which line it waits. */
  abstract String line();

  /** Of a group, the time of its cut; of a checkpoint zero. */
  abstract HlcTimestamp cut();

  /** The checkpoints that it is only copied after. */
  abstract List<CheckpointInfo> members();

  /** Whether it is of what a name stands for. */
  abstract boolean isOf(Located located);

  /** Whether it is of the group that a receipt tells. */
  boolean isOf(GroupReceipt saved) {
    return false;
  }

  /** Whether it is of the checkpoint that a receipt tells. */
  boolean isOf(SaveReceipt saved) {
    return false;
  }

  /** Whether it is of a checkpoint. */
  boolean isOf(CheckpointInfo info) {
    return false;
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

  /** How often something of it was not there, this time included. Only its one worker asks. */
  int miss() {
    int now = misses + 1;
    misses = now;
    return now;
  }

  FarReceipt receipt(Outcome outcome, @Nullable CopyReceipt copy, @Nullable Throwable failure) {
    boolean isGroup = this instanceof FarGroup;
    Duration lag = Duration.ofNanos(System.nanoTime() - since);
    return new FarReceipt(kernelId, name, sequence, isGroup, outcome, copy, failure, attempts, lag);
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
