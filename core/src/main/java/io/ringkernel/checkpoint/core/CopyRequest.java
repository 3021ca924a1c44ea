package io.ringkernel.checkpoint.core;

import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How a checkpoint is copied into another store; immutable. By default it keeps its name, replaces
 * what is there, and a delta takes along the objects that it refers to.
 */
@CheckReturnValue
public final class CopyRequest {
  private static final CopyRequest DEFAULTS = new CopyRequest(null, false, false, progress -> {});

  private final @Nullable String name;
  private final boolean onlyIfAbsent;
  private final boolean flattened;
  private final Consumer<CopyProgress> progress;

  private CopyRequest(
      @Nullable String name,
      boolean onlyIfAbsent,
      boolean flattened,
      Consumer<CopyProgress> progress) {
    this.name = name;
    this.onlyIfAbsent = onlyIfAbsent;
    this.flattened = flattened;
    this.progress = progress;
  }

  /** The same name, whatever is there. */
  public static CopyRequest defaults() {
    return DEFAULTS;
  }

  /**
   * The same under another name.
   *
   * @param chosen by the rules of {@link io.ringkernel.checkpoint.storage.StorageNames}, and not
   *     within {@code .rkcp/}
   */
  public CopyRequest named(String chosen) {
    return new CopyRequest(Objects.requireNonNull(chosen), onlyIfAbsent, flattened, progress);
  }

  /**
   * The same, but refused with {@link io.ringkernel.checkpoint.error.AlreadyExistsException} when
   * something else is there. It is no error if the very same checkpoint is there already.
   */
  public CopyRequest onlyIfAbsent() {
    return new CopyRequest(name, true, flattened, progress);
  }

  /** The same, but a delta's copy holds all blocks itself and refers to no other object. */
  public CopyRequest flattened() {
    return new CopyRequest(name, onlyIfAbsent, true, progress);
  }

  /**
   * The same with a listener for its progress.
   *
   * @param listener called after each piece of some MiB, on any thread; must not block
   */
  public CopyRequest onProgress(Consumer<CopyProgress> listener) {
    return new CopyRequest(name, onlyIfAbsent, flattened, Objects.requireNonNull(listener));
  }

  /** The same under the name that it has. */
  CopyRequest keepingName() {
    return new CopyRequest(null, onlyIfAbsent, flattened, progress);
  }

  /** The name in the other store; empty for the same. */
  public Optional<String> name() {
    return Optional.ofNullable(name);
  }

  /** Whether the copy is refused when something else is there. */
  public boolean isOnlyIfAbsent() {
    return onlyIfAbsent;
  }

  /** Whether a delta's copy refers to no other object. */
  public boolean isFlattened() {
    return flattened;
  }

  Consumer<CopyProgress> progress() {
    return progress;
  }
}
