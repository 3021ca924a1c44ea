package io.ringkernel.checkpoint.core;

import java.time.Duration;
import java.util.Collection;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where a save goes, on which condition, and against which base; immutable. By default the name is
 * made of the kernel's id, its step and the object's id, what is there is replaced, and a kernel is
 * saved against its latest checkpoint.
 */
@CheckReturnValue
public final class SaveRequest {
  private static final SaveRequest DEFAULTS =
      new SaveRequest(null, false, null, false, Set.of(), null);

  private final @Nullable String name;
  private final boolean onlyIfAbsent;
  private final @Nullable BaseChoice base;
  private final boolean savepoint;
  private final Set<String> tags;
  private final @Nullable StallBudget stallBudget;

  private SaveRequest(
      @Nullable String name,
      boolean onlyIfAbsent,
      @Nullable BaseChoice base,
      boolean savepoint,
      Set<String> tags,
      @Nullable StallBudget stallBudget) {
    this.name = name;
    this.onlyIfAbsent = onlyIfAbsent;
    this.base = base;
    this.savepoint = savepoint;
    this.tags = Set.copyOf(tags);
    this.stallBudget = stallBudget;
  }

  /** A name that no other save has: {@code <escaped kernel id>/<20-digit step>-<object id>}. */
  public static SaveRequest defaults() {
    return DEFAULTS;
  }

  /**
   * The same, saved under a name of the caller's choice. What is there is replaced, unless {@link
   * #onlyIfAbsent} is set.
   *
   * @param chosen by the rules of {@link io.ringkernel.checkpoint.storage.StorageNames}, and not
   *     within {@code .rkcp/}; checked by the save, before any I/O
   */
  public SaveRequest named(String chosen) {
    return new SaveRequest(
        Objects.requireNonNull(chosen), onlyIfAbsent, base, savepoint, tags, stallBudget);
  }

  /**
   * The same, but refused with {@link io.ringkernel.checkpoint.error.AlreadyExistsException} when
   * something is there, or another save gets the name first: of any number of such saves of one
   * name, exactly one succeeds.
   */
  public SaveRequest onlyIfAbsent() {
    return new SaveRequest(name, true, base, savepoint, tags, stallBudget);
  }

  /**
   * The same against another base. Files are imported as they are, whatever this says. For a
   * whole-chunk delta of version 1, which names its base only by a digest, a named base is checked
   * and recorded, and with {@link BaseChoice#full} none is searched for.
   *
   * @param choice {@link BaseChoice#automatic} for kernels and {@link BaseChoice#full} for
   *     checkpoints unless set
   */
  public SaveRequest base(BaseChoice choice) {
    return new SaveRequest(
        name, onlyIfAbsent, Objects.requireNonNull(choice), savepoint, tags, stallBudget);
  }

  /**
   * The same as a savepoint or not. Pruning never touches a savepoint. It is a full checkpoint,
   * whatever base is set, so it depends on nothing else in the store.
   *
   * @param value false unless set
   */
  public SaveRequest savepoint(boolean value) {
    return new SaveRequest(name, onlyIfAbsent, base, value, tags, stallBudget);
  }

  /**
   * The same with these tags and no others, committed together with the checkpoint.
   *
   * @param all each 1 to 100 bytes of UTF-8 without control characters; checked by the save, before
   *     any I/O
   */
  public SaveRequest tags(Collection<String> all) {
    return new SaveRequest(name, onlyIfAbsent, base, savepoint, Set.copyOf(all), stallBudget);
  }

  /**
   * The same with another stall budget than the checkpointer's own: how long the kernel may stand
   * still. State that the kernel does not copy aside itself is copied by the checkpointer if that
   * is shorter and there is room. It has no effect on saves that capture no kernel, since they stop
   * none.
   *
   * @param limit longer than zero
   * @param over what becomes of a save that is over it
   */
  public SaveRequest stallBudget(Duration limit, OverBudget over) {
    return new SaveRequest(name, onlyIfAbsent, base, savepoint, tags, new StallBudget(limit, over));
  }

  /** The stall budget; null for the checkpointer's own. */
  @Nullable StallBudget stallBudget() {
    return stallBudget;
  }

  /** The chosen name; empty when one is made. */
  public Optional<String> name() {
    return Optional.ofNullable(name);
  }

  /** Whether the save is refused when something is under its name. */
  public boolean isOnlyIfAbsent() {
    return onlyIfAbsent;
  }

  /** The chosen base; empty for the default, which depends on what is saved. */
  public Optional<BaseChoice> base() {
    return Optional.ofNullable(base);
  }

  /** The tags; immutable. */
  public Set<String> tags() {
    return tags;
  }

  /** Whether pruning never touches it. */
  public boolean isSavepoint() {
    return savepoint;
  }
}
