package io.ringkernel.checkpoint.core;

import java.time.Duration;
import java.util.List;

/**
 * What restoring a group did.
 *
 * @param group what the kernels hold now
 * @param restored bytes of state
 * @param stalls how long each kernel stood still, in the order they were given; immutable
 * @param skipped newer groups that were skipped, newest first, and why; immutable
 * @param duration from subscription to the end
 */
public record GroupRestoreReceipt(
    GroupInfo group,
    long restored,
    List<Duration> stalls,
    List<SkippedCheckpoint> skipped,
    Duration duration) {
  /** Copies {@code stalls} and {@code skipped}. */
  public GroupRestoreReceipt {
    stalls = List.copyOf(stalls);
    skipped = List.copyOf(skipped);
  }
}
