package io.ringkernel.checkpoint.core;

import java.time.Duration;
import java.util.List;

/**
 * What a restore did.
 *
 * @param checkpoint what the kernel holds now, with its custom entries
 * @param restored bytes of state
 * @param verifiedFirst whether every byte was verified before the kernel was touched
 * @param skipped newer checkpoints that were skipped, newest first; immutable
 * @param duration from subscription to the end
 */
public record RestoreReceipt(
    CheckpointInfo checkpoint,
    long restored,
    boolean verifiedFirst,
    List<SkippedCheckpoint> skipped,
    Duration duration) {
  /** Copies {@code skipped}. */
  public RestoreReceipt {
    skipped = List.copyOf(skipped);
  }
}
