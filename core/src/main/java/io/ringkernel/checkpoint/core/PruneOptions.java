package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.storage.StorageNames;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a pruning looks at, and whether it only tells what it would do; immutable. */
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
   * The same for some names only. All others are left alone and count for nothing: "the last 3" are
   * the last 3 of these. So they can't show that a kernel's head has lost count elsewhere: see
   * {@link Checkpointer#verifyHeads}.
   *
   * @param beginning of names, which may end anywhere
   */
  public PruneOptions below(String beginning) {
    return new PruneOptions(
        dryRun, kernelId, StorageNames.requireValidPrefix(beginning), allowsUnmatched);
  }

  /**
   * The same, also where {@link RetentionPolicy.Builder#keepBest} asks for an entry in which no
   * checkpoint that is looked at has a number. Such a rule keeps nothing, so that a key that is
   * mistyped would cost everything that it was to keep: it is refused unless this is said.
   */
  public PruneOptions allowUnmatched() {
    return new PruneOptions(dryRun, kernelId, prefix, true);
  }

  /** Whether rules may ask for entries that nothing has. */
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

  /** How the names begin that are looked at; empty for all. */
  public String prefix() {
    return prefix;
  }
}
