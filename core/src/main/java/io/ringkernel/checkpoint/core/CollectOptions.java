package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.internal.Spans;
import java.time.Duration;

/** The options of a collection; immutable. */
@CheckReturnValue
public final class CollectOptions {
  /** The default for how long an object is kept that nothing refers to. */
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
   * The same with another grace period. An object is removed only if an earlier collection found,
   * at least this long ago by the storage's time, that nothing refers to it. The period is for
   * readers that opened a checkpoint before it was deleted; savers need none.
   *
   * @param period zero removes unreferenced objects at once
   */
  public CollectOptions grace(Duration period) {
    if (period.isNegative()) {
      throw new IllegalArgumentException(
          "grace must not be negative, but is " + Spans.words(period));
    }
    return new CollectOptions(dryRun, period);
  }

  /** Whether nothing is changed. */
  public boolean isDryRun() {
    return dryRun;
  }

  /** How long an object is kept that nothing refers to. */
  public Duration grace() {
    return grace;
  }
}
