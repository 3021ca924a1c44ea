package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.internal.Messages;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A line of {@link FarBacklog}: the jobs of one kernel or of one group, in the order in which they
 * are to be copied, and how far the first of them is. It has no lock of its own: the rules stand
 * there.
 */
final class FarLine {
  private enum Phase {
    RESTING,
    /** It waits for a worker. */
    READY,
    /** Its first is being copied. */
    COPYING,
    /** That failed, and is tried again after a pause. */
    PAUSING
  }

  private final String key;
  private final TreeSet<FarJob> jobs = new TreeSet<>(FarJob.ORDER);
  private Phase phase = Phase.RESTING;

  /** Whose turn it is, from its begin to the end of the pause; may be taken out meanwhile. */
  private @Nullable FarJob turn;

  /** Saves under way, whose jobs will come. */
  private int reserved;

  private int failures;
  private String lastFailure = "";

  FarLine(String key) {
    this.key = key;
  }

  /** Under which it is found. */
  String key() {
    return key;
  }

  Stream<FarJob> jobs() {
    return jobs.stream();
  }

  /** The next to be copied; null when there is nothing to do. */
  @Nullable FarJob first() {
    return jobs.isEmpty() ? null : jobs.first();
  }

  /** Whether it was not there. */
  boolean add(FarJob job) {
    return jobs.add(job);
  }

  /** Whether it was there. */
  boolean remove(FarJob job) {
    return jobs.remove(job);
  }

  /** Whether one more would not be too many, with those that are reserved for. */
  boolean hasRoom(int most) {
    return jobs.size() + reserved < most;
  }

  void reserve() {
    reserved++;
  }

  void release() {
    reserved--;
  }

  /** The oldest that are too many, but neither the one being copied nor the newest. */
  List<FarJob> surplus(int most) {
    return jobs.stream()
        .filter(job -> !isCopying(job) && job != jobs.last())
        .limit(Math.max(0, jobs.size() - most))
        .toList();
  }

  boolean isResting() {
    return phase == Phase.RESTING;
  }

  /** Waits for a worker from now on. */
  void queue() {
    phase = Phase.READY;
  }

  /** The turn of the first begins. */
  FarJob begin() {
    FarJob first = jobs.first();
    turn = first;
    phase = Phase.COPYING;
    return first;
  }

  boolean isCopying(FarJob job) {
    return phase == Phase.COPYING && turn == job;
  }

  boolean isTurnOf(FarJob job) {
    return turn == job;
  }

  /** Nobody's turn. */
  void rest() {
    turn = null;
    phase = Phase.RESTING;
  }

  /** It is still the job's turn, but it isn't being copied. */
  void failed(FarJob job, Throwable failure) {
    if (isCopying(job)) {
      phase = Phase.PAUSING;
    }
    failures++;
    lastFailure = Messages.of(failure);
  }

  void forgetFailures() {
    failures = 0;
  }

  /** What a save of the kernel should tell; empty when all is well. */
  List<String> notes() {
    return failures == 0
        ? List.of()
        : List.of(
            jobs.size()
                + " checkpoints of this kernel wait for the far tier, which failed "
                + failures
                + " times, the last with: "
                + lastFailure);
  }

  /** Whether nothing would be lost with it. */
  boolean isIdle() {
    return jobs.isEmpty() && reserved == 0 && failures == 0 && isResting();
  }
}
