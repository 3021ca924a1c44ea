package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.HlcTimestamp;
import io.ringkernel.checkpoint.core.FarReceipt.Outcome;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** One checkpoint, or one group whose members are there, that is to be copied to the far tier. */
final class FarJob {
  /** Of one kernel: in the order of the commits; of one group: in that of its cuts. */
  static final Comparator<FarJob> ORDER =
      Comparator.comparing((FarJob job) -> job.sequence, Long::compareUnsigned)
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

  /** Of a group, when it was cut; null for a checkpoint. */
  private final @Nullable HlcTimestamp cut;

  /** Of a group, its members' checkpoints. */
  private final List<CheckpointInfo> members;

  private final long since = System.nanoTime();
  private final Sinks.One<FarReceipt> result = Sinks.one();
  private volatile int attempts;

  FarJob(String kernelId, String name, long sequence, boolean imported, boolean resumed) {
    this.kernelId = kernelId;
    this.name = name;
    this.sequence = sequence;
    this.imported = imported;
    this.resumed = resumed;
    this.cut = null;
    this.members = List.of();
  }

  FarJob(String group, String name, HlcTimestamp cut, List<CheckpointInfo> members) {
    this.kernelId = group;
    this.name = name;
    this.sequence = cut.physical();
    this.imported = false;
    this.resumed = false;
    this.cut = cut;
    this.members = List.copyOf(members);
  }

  /** Of a checkpoint that is there. */
  static FarJob of(CheckpointInfo info, boolean resumed) {
    return new FarJob(
        info.metadata().kernelId(), info.name(), info.sequence(), info.imported(), resumed);
  }

  /** Of a group that is there. */
  static FarJob of(GroupInfo group) {
    return new FarJob(group.group(), group.name(), group.cut(), group.members());
  }

  boolean isGroup() {
    return cut != null;
  }

  List<CheckpointInfo> members() {
    return members;
  }

  /** In which line it waits. */
  String line() {
    return isGroup() ? "group " + kernelId : lineOf(kernelId);
  }

  /** In which line a kernel's checkpoints wait. */
  static String lineOf(String kernelId) {
    return "kernel " + kernelId;
  }

  /** Whether it is of what a name stands for. */
  boolean isOf(Located located) {
    if (located instanceof Located.Group group) {
      return group.manifest().cut().equals(cut);
    }
    return !isGroup()
        && located instanceof Located.InObject managed
        && managed.entry().isOf(kernelId)
        && managed.entry().mark().sequence() == sequence
        && managed.entry().mark().imported() == imported;
  }

  /** Whether it is of the group that a receipt tells. */
  boolean isOf(GroupReceipt saved) {
    return saved.cut().equals(cut) && name.equals(saved.name());
  }

  /** Whether it is of a group that has a member. */
  boolean hasMember(FarJob member) {
    return members.stream().anyMatch(member::isOf);
  }

  /** Whether it is of the checkpoint that a receipt tells. */
  boolean isOf(SaveReceipt saved) {
    return !isGroup()
        && sequence == saved.sequence()
        && name.equals(saved.name())
        && kernelId.equals(saved.kernelId());
  }

  /** Whether it is of a checkpoint. */
  boolean isOf(CheckpointInfo info) {
    return !isGroup()
        && sequence == info.sequence()
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
    return new FarReceipt(
        kernelId, name, sequence, isGroup(), outcome, copy, failure, attempts, lag);
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
