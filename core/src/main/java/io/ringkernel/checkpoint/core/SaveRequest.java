package io.ringkernel.checkpoint.core;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where a save goes and on which condition; immutable. Unless told otherwise, the name is made of
 * the kernel's id, its step and the object's id, and what is there is replaced.
 */
public final class SaveRequest {
  private static final SaveRequest DEFAULTS = new SaveRequest(null, false, null);

  private final @Nullable String name;
  private final boolean onlyIfAbsent;
  private final @Nullable StallBudget stallBudget;

  private SaveRequest(
      @Nullable String name, boolean onlyIfAbsent, @Nullable StallBudget stallBudget) {
    this.name = name;
    this.onlyIfAbsent = onlyIfAbsent;
    this.stallBudget = stallBudget;
  }

  /** A name that no other save has: {@code <escaped kernel id>/<20-digit step>-<object id>}. */
  public static SaveRequest defaults() {
    return DEFAULTS;
  }

  /**
   * A save under a name of the caller's choice.
   *
   * @param name by the rules of {@link io.ringkernel.checkpoint.storage.StorageNames}, and not
   *     within {@code .rkcp/}; checked by the save, before any I/O
   */
  public static SaveRequest named(String name) {
    return new SaveRequest(Objects.requireNonNull(name), false, null);
  }

  /**
   * The same, but refused with {@link io.ringkernel.checkpoint.error.AlreadyExistsException} when
   * something is there: of any number of such saves of one name, exactly one succeeds.
   */
  public SaveRequest onlyIfAbsent() {
    return new SaveRequest(name, true, stallBudget);
  }

  /**
   * The same with another stall budget than the checkpointer's own: how long the kernel may stand
   * still. State that the kernel does not copy aside itself is copied by the checkpointer if that
   * is shorter and there is room; only saves that capture a kernel stop one.
   *
   * @param limit longer than zero
   * @param over what becomes of a save that is over it
   */
  public SaveRequest stallBudget(Duration limit, OverBudget over) {
    return new SaveRequest(name, onlyIfAbsent, new StallBudget(limit, over));
  }

  /** The stall budget; null for the checkpointer's own. */
  @Nullable StallBudget stallBudget() {
    return stallBudget;
  }

  /** The chosen name; empty when it is to be made. */
  public Optional<String> name() {
    return Optional.ofNullable(name);
  }

  /** Whether nothing may be there. */
  public boolean isOnlyIfAbsent() {
    return onlyIfAbsent;
  }
}
