package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.storage.StorageNames;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a pruning considers, and whether it only reports what it would do; immutable. */
@CheckReturnValue
public final class PruneOptions {
  private static final PruneOptions DEFAULTS = new PruneOptions(false, null, "", false);

  private final boolean dryRun;
  private final @Nullable String kernelId;
  private final String prefix;
  private final boolean allowsUnmatched;

  private PruneOptions(
      boolean dryRun, @Nullable String kernelId, String prefix, boolean allowsUnmatched) {
    this.dryRun = dryRun;
    this.kernelId = kernelId;
    this.prefix = prefix;
    this.allowsUnmatched = allowsUnmatched;
  }

  /** All kernels, all names, for real. */
  public static PruneOptions defaults() {
    return DEFAULTS;
  }

  /** The same, but nothing is changed: the report says what would be removed. */
  public PruneOptions asDryRun() {
    return new PruneOptions(true, kernelId, prefix, allowsUnmatched);
  }

  /**
   * The same for one kernel only.
   *
   * @param id the kernel's
   */
  public PruneOptions ofKernel(String id) {
    return new PruneOptions(dryRun, Objects.requireNonNull(id), prefix, allowsUnmatched);
  }

  /**
   * The same for some names only. All others are left alone and don't count: "the last 3" are the
   * last 3 of these. So such a pruning can't notice, by the other names, that a kernel's head has
   * lost count: see {@link Checkpointer#verifyHeads}.
   *
   * @param beginning any beginning of names
   */
  public PruneOptions below(String beginning) {
    return new PruneOptions(
        dryRun, kernelId, StorageNames.requireValidPrefix(beginning), allowsUnmatched);
  }

  /**
   * The same, but accepts a {@link RetentionPolicy.Builder#keepBest} rule for an entry in which no
   * considered checkpoint has a number. Such a rule keeps nothing: a mistyped key would cost
   * everything that the rule was meant to keep. So it is refused unless this is set.
   */
  public PruneOptions allowUnmatched() {
    return new PruneOptions(dryRun, kernelId, prefix, true);
  }

  /** Whether rules may ask for entries that no checkpoint has. */
  public boolean allowsUnmatched() {
    return allowsUnmatched;
  }

  /** Whether nothing is changed. */
  public boolean isDryRun() {
    return dryRun;
  }

  /** The only kernel, if there is one. */
  public Optional<String> kernelId() {
    return Optional.ofNullable(kernelId);
  }

  /** The beginning of the names that are considered; empty for all. */
  public String prefix() {
    return prefix;
  }
}
