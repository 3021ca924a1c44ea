package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.internal.Spans;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import java.time.Duration;
import java.util.Objects;

/**
 * Two stores as one: a near tier, which saves go to and end with, and a far one, which gets a copy
 * of each checkpoint in the background; immutable. It is passed to {@link
 * Checkpointer#builder(TieredStorage)}; {@code docs/tiers.md} describes all of it.
 *
 * <pre>{@code
 * Checkpointer checkpointer =
 *     Checkpointer.builder(TieredStorage.of("file:/nvme/runs", "gs://bucket/runs")).build();
 * }</pre>
 *
 * <p>Each is a store of its own, with its own names, heads and collections, and can be opened
 * without the other at any time.
 */
@CheckReturnValue
public final class TieredStorage {
  /** What a save does when the {@linkplain #backlog backlog} of its kernel is full. */
  public enum Overflow {
    /** It waits before the kernel is stopped, so that every checkpoint reaches the far tier. */
    WAIT,
    /**
     * It goes on, and the oldest checkpoint that waits is never copied: no saver waits for the far
     * tier.
     */
    SKIP_OLDEST
  }

  private record Settings(
      int backlog,
      Overflow overflow,
      boolean flattened,
      int kernelsAtOnce,
      Duration firstRetry,
      Duration longestRetry,
      Duration finishWithin) {
    static final Settings DEFAULTS =
        new Settings(
            16,
            Overflow.SKIP_OLDEST,
            false,
            4,
            Duration.ofSeconds(1),
            Duration.ofMinutes(1),
            Duration.ofMinutes(1));
  }

  private final Place near;
  private final Place far;
  private final Settings settings;

  private TieredStorage(Place near, Place far, Settings settings) {
    this.near = near;
    this.far = far;
    this.settings = settings;
  }

  /**
   * Two storages that are opened with the checkpointer, and closed by it.
   *
   * @param near for example {@code "file:/nvme/runs"}
   * @param far for example {@code "gs://bucket/runs"}
   * @throws IllegalArgumentException when both are the same
   */
  public static TieredStorage of(String near, String far) {
    requireTwo(!near.equals(far));
    return new TieredStorage(new Place.Named(near), new Place.Named(far), Settings.DEFAULTS);
  }

  /**
   * Two storages that stay the caller's.
   *
   * @param near used until the checkpointer is closed, which leaves it open
   * @param far the same
   * @throws IllegalArgumentException when both are the same
   */
  public static TieredStorage of(CheckpointStorage near, CheckpointStorage far) {
    requireTwo(near != far);
    return new TieredStorage(
        new Place.Lent(Objects.requireNonNull(near)),
        new Place.Lent(Objects.requireNonNull(far)),
        Settings.DEFAULTS);
  }

  /**
   * The same with another limit on what waits for the far tier; 16, and the oldest is skipped,
   * unless set.
   *
   * @param checkpoints how many of each kernel may wait, at least 1
   * @param overflow what a save does when that many wait
   */
  public TieredStorage backlog(int checkpoints, Overflow overflow) {
    Settings s = settings;
    return with(
        new Settings(
            positive(checkpoints, "checkpoints"),
            Objects.requireNonNull(overflow),
            s.flattened,
            s.kernelsAtOnce,
            s.firstRetry,
            s.longestRetry,
            s.finishWithin));
  }

  /**
   * The same with full copies only: a delta is flattened on its way, and no object in the far tier
   * refers to another.
   */
  public TieredStorage flattened() {
    Settings s = settings;
    return with(
        new Settings(
            s.backlog,
            s.overflow,
            true,
            s.kernelsAtOnce,
            s.firstRetry,
            s.longestRetry,
            s.finishWithin));
  }

  /**
   * The same with another number of copies at once, each of another kernel; 4 unless set. Those of
   * one kernel go one after the other, the oldest first.
   *
   * @param count at least 1
   */
  public TieredStorage kernelsAtOnce(int count) {
    Settings s = settings;
    return with(
        new Settings(
            s.backlog,
            s.overflow,
            s.flattened,
            positive(count, "count"),
            s.firstRetry,
            s.longestRetry,
            s.finishWithin));
  }

  /**
   * The same with other pauses while the far tier fails; from one second, twice as long each time,
   * to one minute unless set. A copy is tried for as long as the checkpointer is open.
   *
   * @param first longer than zero
   * @param longest at least {@code first}
   */
  public TieredStorage retry(Duration first, Duration longest) {
    if (first.isZero() || first.isNegative() || longest.compareTo(first) < 0) {
      throw new IllegalArgumentException(
          "no pauses from " + Spans.words(first) + " to " + Spans.words(longest));
    }
    Settings s = settings;
    return with(
        new Settings(
            s.backlog,
            s.overflow,
            s.flattened,
            s.kernelsAtOnce,
            Deadline.countable(first),
            Deadline.countable(longest),
            s.finishWithin));
  }

  /**
   * The same with another limit for how long {@link Checkpointer#close()} waits for the copies that
   * are still to be made; one minute unless set. What is not copied by then is given up, and
   * continued at the next start. {@link Checkpointer#close(Duration)} has a limit of its own
   * instead.
   *
   * @param limit zero to give up at once
   */
  public TieredStorage finishWithin(Duration limit) {
    if (limit.isNegative()) {
      throw new IllegalArgumentException(
          "limit must not be negative, but is " + Spans.words(limit));
    }
    Settings s = settings;
    return with(
        new Settings(
            s.backlog,
            s.overflow,
            s.flattened,
            s.kernelsAtOnce,
            s.firstRetry,
            s.longestRetry,
            limit));
  }

  /** A store that is its own second tier would tell of copies that are none. */
  private static void requireTwo(boolean two) {
    if (!two) {
      throw new IllegalArgumentException("both tiers are the same store: name another far one");
    }
  }

  private TieredStorage with(Settings others) {
    return new TieredStorage(near, far, others);
  }

  private static int positive(int value, String what) {
    if (value < 1) {
      throw new IllegalArgumentException(what + " must be at least 1, not " + value);
    }
    return value;
  }

  Place near() {
    return near;
  }

  Place far() {
    return far;
  }

  int backlog() {
    return settings.backlog;
  }

  Overflow overflow() {
    return settings.overflow;
  }

  int kernelsAtOnce() {
    return settings.kernelsAtOnce;
  }

  Duration finishWithin() {
    return settings.finishWithin;
  }

  CopyRequest copyRequest() {
    return settings.flattened ? CopyRequest.defaults().flattened() : CopyRequest.defaults();
  }

  /**
   * How long to wait after failures in a row.
   *
   * @param failures at least 1
   */
  Duration pause(int failures) {
    Duration pause = settings.firstRetry;
    for (int i = 1; i < failures && pause.compareTo(settings.longestRetry) < 0; i++) {
      pause = pause.multipliedBy(2);
    }
    return pause.compareTo(settings.longestRetry) < 0 ? pause : settings.longestRetry;
  }
}
