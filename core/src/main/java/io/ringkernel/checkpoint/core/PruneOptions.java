package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.storage.StorageNames;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a pruning looks at, and whether it only tells what it would do; immutable. */
@CheckReturnValue
public final class PruneOptions {
  private static final PruneOptions DEFAULTS = new PruneOptions(false, null, "");

  private final boolean dryRun;
  private final @Nullable String kernelId;
  private final String prefix;

  private PruneOptions(boolean dryRun, @Nullable String kernelId, String prefix) {
    this.dryRun = dryRun;
    this.kernelId = kernelId;
    this.prefix = prefix;
  }

  /** All kernels, all names, for real. */
  public static PruneOptions defaults() {
    return DEFAULTS;
  }

  /** The same, but nothing is changed: the report says what would be removed. */
  public PruneOptions asDryRun() {
    return new PruneOptions(true, kernelId, prefix);
  }

  /**
   * The same for one kernel only.
   *
   * @param id the kernel's
   */
  public PruneOptions ofKernel(String id) {
    return new PruneOptions(dryRun, Objects.requireNonNull(id), prefix);
  }

  /**
   * The same for some names only. All others are left alone and count for nothing: "the last 3" are
   * the last 3 of these. So they can't show that a kernel's head has lost count elsewhere: see
   * {@link Checkpointer#verifyHeads}.
   *
   * @param beginning of names, which may end anywhere
   */
  public PruneOptions below(String beginning) {
    return new PruneOptions(dryRun, kernelId, StorageNames.requireValidPrefix(beginning));
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
