package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.internal.Spans;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Which checkpoints of a kernel to keep when its others are removed; immutable.
 *
 * <p>Rules combine: what any of them keeps is kept. They look at each kernel by itself and at
 * managed checkpoints only; bare files and groups are never pruned, and what a group refers to
 * stays as long as the group. Whatever the rules say, savepoints and the newest checkpoint that can
 * be restored stay.
 */
public final class RetentionPolicy {
  /** Whether low or high values are better. */
  public enum Order {
    /** The lowest values are the best: a loss, an error. */
    LOWEST,
    /** The highest values are the best: an accuracy, a score. */
    HIGHEST
  }

  private final List<RetentionRule> rules;

  private RetentionPolicy(List<RetentionRule> rules) {
    this.rules = List.copyOf(rules);
  }

  /** Starts with no rule. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Keeps the newest checkpoints of each kernel and nothing else.
   *
   * @param count how many, at least 1
   */
  public static RetentionPolicy keepLast(int count) {
    return builder().keepLast(count).build();
  }

  List<RetentionRule> rules() {
    return rules;
  }

  /** The custom metadata that must be known to apply this. */
  Set<String> metadataKeys() {
    return rules.stream()
        .flatMap(rule -> rule.metadataKey().stream())
        .collect(Collectors.toUnmodifiableSet());
  }

  /** The tags that rules name. */
  Set<String> tags() {
    return rules.stream()
        .flatMap(rule -> rule.namedTag().stream())
        .collect(Collectors.toUnmodifiableSet());
  }

  /** The rules in words, as a journal has them: {@code keep last 3, keep tag best}. */
  @Override
  public String toString() {
    return rules.stream().map(rule -> "keep " + rule.words()).collect(Collectors.joining(", "));
  }

  /** Makes a {@link RetentionPolicy}; not safe for several threads. */
  public static final class Builder {
    private final List<RetentionRule> rules = new ArrayList<>();

    private Builder() {}

    /**
     * Keeps the newest, by the number of their commit.
     *
     * @param count how many, at least 1
     */
    public Builder keepLast(int count) {
      return add(new RetentionRule.Last(positive(count, "count")));
    }

    /**
     * Keeps one for each {@code steps} steps: of all whose step divided by {@code steps} is the
     * same, the one with the lowest step, so that a checkpoint that was kept once stays.
     *
     * @param steps at least 1
     */
    public Builder keepEverySteps(long steps) {
      return add(new RetentionRule.EverySteps(positive(steps, "steps")));
    }

    /**
     * Keeps one for each interval of time: the first that was created in it. Intervals are counted
     * from the beginning of 1970 in UTC, so an interval of one day begins at midnight.
     *
     * @param interval at least one microsecond
     */
    public Builder keepEvery(Duration interval) {
      long micros = TimeUnit.MICROSECONDS.convert(interval);
      if (micros <= 0) {
        throw new IllegalArgumentException(
            "interval must be at least 1 us, not " + Spans.words(interval));
      }
      return add(new RetentionRule.EveryMicros(micros, interval));
    }

    /** Keeps what has any tag. */
    public Builder keepTagged() {
      return add(new RetentionRule.Tagged());
    }

    /**
     * Keeps what has a tag. A tag that no checkpoint has keeps nothing; a {@linkplain
     * PruneOptions#dryRun dry run} reports such tags.
     *
     * @param tag which
     * @see PruneReport#unknownTags
     */
    public Builder keepTag(String tag) {
      return add(new RetentionRule.Tag(Objects.requireNonNull(tag)));
    }

    /**
     * Keeps the best by a number in their custom metadata. A checkpoint without such an entry, or
     * whose entry is no number, is not among the best. This rule costs one small read for each
     * checkpoint.
     *
     * @param count how many, at least 1
     * @param key of the custom metadata, for example {@code "loss"}
     * @param order which values are better; of equal ones the newer is
     */
    public Builder keepBest(int count, String key, Order order) {
      positive(count, "count");
      return add(
          new RetentionRule.Best(
              count, Objects.requireNonNull(key), Objects.requireNonNull(order)));
    }

    private Builder add(RetentionRule rule) {
      rules.add(rule);
      return this;
    }

    private static int positive(int value, String what) {
      return (int) positive((long) value, what);
    }

    private static long positive(long value, String what) {
      if (value < 1) {
        throw new IllegalArgumentException(what + " must be at least 1, not " + value);
      }
      return value;
    }

    /**
     * The policy.
     *
     * @throws IllegalArgumentException without any rule: that would keep nearly nothing
     */
    public RetentionPolicy build() {
      if (rules.isEmpty()) {
        throw new IllegalArgumentException("a policy without a rule would keep nothing; add one");
      }
      return new RetentionPolicy(rules);
    }
  }
}
