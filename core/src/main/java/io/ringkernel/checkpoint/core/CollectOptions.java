package io.ringkernel.checkpoint.core;

import java.time.Duration;

/** How a collection goes about it; immutable. */
@CheckReturnValue
public final class CollectOptions {
  /** How long what nothing refers to is kept unless said otherwise. */
  public static final Duration DEFAULT_GRACE = Duration.ofHours(1);

  private static final CollectOptions DEFAULTS = new CollectOptions(false, DEFAULT_GRACE);

  private final boolean dryRun;
  private final Duration grace;

  private CollectOptions(boolean dryRun, Duration grace) {
    this.dryRun = dryRun;
    this.grace = grace;
  }

  /** For real, with {@link #DEFAULT_GRACE}. */
  public static CollectOptions defaults() {
    return DEFAULTS;
  }

  /** The same, but nothing is written or removed: the report says what would be. */
  public CollectOptions asDryRun() {
    return new CollectOptions(true, grace);
  }

  /**
   * The same with another grace period: how long ago an earlier collection must have found that
   * nothing refers to an object, by the storage's time, before it is removed. It is for readers who
   * opened a checkpoint before it was deleted; savers need none.
   *
   * @param period zero removes at once what nothing refers to
   */
  public CollectOptions grace(Duration period) {
    if (period.isNegative()) {
      throw new IllegalArgumentException("grace must not be negative, but is " + period);
    }
    return new CollectOptions(dryRun, period);
  }

  /** Whether nothing is changed. */
  public boolean isDryRun() {
    return dryRun;
  }

  /** How long what nothing refers to is kept. */
  public Duration grace() {
    return grace;
  }
}
