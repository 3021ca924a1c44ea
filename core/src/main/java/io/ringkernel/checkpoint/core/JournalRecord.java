package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.format.ObjectId;
import java.time.Instant;
import java.util.List;

/**
 * What one pruning or collection removed.
 *
 * @param at when it was written, by the storage's clock
 * @param action what was done
 * @param policy by which rules, in words
 * @param complete whether it came to its end; if not, some of what it names may still be there
 * @param checkpoints the names of the checkpoints that were removed; immutable
 * @param kernels the kernel of each of these; empty in a record that an earlier release wrote;
 *     immutable
 * @param objects the objects that were removed; immutable
 */
public record JournalRecord(
    Instant at,
    Action action,
    String policy,
    boolean complete,
    List<String> checkpoints,
    List<String> kernels,
    List<ObjectId> objects) {
  /**
   * An action that removes things by a rule and not by their name. More values may be added, so a
   * {@code switch} needs a default.
   */
  public enum Action {
    /** {@link Checkpointer#prune}: removes checkpoints. */
    PRUNE,
    /** {@link Checkpointer#collect}: removes objects that no checkpoint needs. */
    COLLECT
  }

  /** Copies the lists. */
  public JournalRecord {
    checkpoints = List.copyOf(checkpoints);
    kernels = List.copyOf(kernels);
    objects = List.copyOf(objects);
  }
}
