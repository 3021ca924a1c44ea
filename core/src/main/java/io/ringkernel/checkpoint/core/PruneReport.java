package io.ringkernel.checkpoint.core;

import java.util.List;

/**
 * What a pruning did, or would do.
 *
 * @param dryRun whether nothing was changed
 * @param policy the rules, in words
 * @param decisions one for each managed checkpoint that was considered: kernel by kernel, newest
 *     first; immutable
 * @param unreadable what can't be read, and was left alone; immutable
 * @param heads those of the kernels considered with which something is wrong. Of a kernel whose
 *     head is damaged or lost nothing is removed: see {@link Checkpointer#repair}; immutable
 * @param unknownKeys keys of {@link RetentionPolicy.Builder#keepBest} rules under which no
 *     considered checkpoint has a number, so that the rule keeps nothing: mistyped, or not saved
 *     yet. Only in dry runs, where nothing is removed, and with {@link
 *     PruneOptions#allowUnmatched}; empty when there was nothing to consider; immutable
 * @param unknownTags tags of {@link RetentionPolicy.Builder#keepTag} rules that no considered
 *     checkpoint has; empty when there was nothing to consider; immutable
 */
public record PruneReport(
    boolean dryRun,
    String policy,
    List<Decision> decisions,
    List<UnreadableCheckpoint> unreadable,
    List<HeadReport> heads,
    List<String> unknownKeys,
    List<String> unknownTags) {
  /** What becomes of a checkpoint. */
  public enum Fate {
    /** It stays. */
    KEPT,
    /** Its entry was removed, or would be. */
    REMOVED,
    /** It was to be removed, but somebody replaced, tagged or removed it meanwhile. */
    CHANGED
  }

  /**
   * What becomes of one checkpoint, and why.
   *
   * @param checkpoint which; without custom entries, see {@link CheckpointInfo}
   * @param fate what becomes of it
   * @param reasons for a person: the rules that keep it, or why it is removed, and which {@link
   *     RetentionPolicy.Builder#keepBest} rule ignored it because its entry is no number; immutable
   */
  public record Decision(CheckpointInfo checkpoint, Fate fate, List<String> reasons) {
    /** Copies {@code reasons}. */
    public Decision {
      reasons = List.copyOf(reasons);
    }
  }

  /** Copies the lists. */
  public PruneReport {
    decisions = List.copyOf(decisions);
    unreadable = List.copyOf(unreadable);
    heads = List.copyOf(heads);
    unknownKeys = List.copyOf(unknownKeys);
    unknownTags = List.copyOf(unknownTags);
  }

  /** The decisions with one fate. */
  public List<Decision> with(Fate fate) {
    return decisions.stream().filter(decision -> decision.fate() == fate).toList();
  }
}
