package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.internal.Spans;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.ToLongFunction;

/** One reason to keep checkpoints of a kernel. */
sealed interface RetentionRule {
  /**
   * A checkpoint that a rule looks at.
   *
   * @param info what its entry tells
   * @param custom those of its custom metadata that were asked for
   */
  record Candidate(CheckpointInfo info, Map<String, String> custom) {}

  /** Which it keeps. */
  Set<Candidate> keeps(List<Candidate> newestFirst);

  /** What it keeps, in words. */
  String words();

  /** The custom metadata that it needs, if it does. */
  default Optional<String> metadataKey() {
    return Optional.empty();
  }

  /** Why it can't look at a checkpoint, if that is so though it has what the rule asks for. */
  default Optional<String> passesOver(Candidate candidate) {
    return Optional.empty();
  }

  /** The tag that it names, if it does. */
  default Optional<String> namedTag() {
    return Optional.empty();
  }

  /** See {@link RetentionPolicy.Builder#keepLast}. */
  record Last(int count) implements RetentionRule {
    @Override
    public Set<Candidate> keeps(List<Candidate> newestFirst) {
      return new HashSet<>(newestFirst.subList(0, Math.min(count, newestFirst.size())));
    }

    @Override
    public String words() {
      return "last " + count;
    }
  }

  /** See {@link RetentionPolicy.Builder#keepEverySteps}. */
  record EverySteps(long steps) implements RetentionRule {
    @Override
    public Set<Candidate> keeps(List<Candidate> newestFirst) {
      return firstOfEach(newestFirst, candidate -> candidate.info().metadata().step(), steps);
    }

    @Override
    public String words() {
      return "every " + steps + " steps";
    }
  }

  /** See {@link RetentionPolicy.Builder#keepEvery}. */
  record EveryMicros(long micros, Duration interval) implements RetentionRule {
    @Override
    public Set<Candidate> keeps(List<Candidate> newestFirst) {
      return firstOfEach(
          newestFirst, candidate -> candidate.info().metadata().createdAtMicros(), micros);
    }

    @Override
    public String words() {
      return "every " + Spans.words(interval);
    }
  }

  /** See {@link RetentionPolicy.Builder#keepTagged}. */
  record Tagged() implements RetentionRule {
    @Override
    public Set<Candidate> keeps(List<Candidate> newestFirst) {
      Set<Candidate> kept = new HashSet<>(newestFirst);
      kept.removeIf(candidate -> candidate.info().tags().isEmpty());
      return kept;
    }

    @Override
    public String words() {
      return "tagged";
    }
  }

  /** See {@link RetentionPolicy.Builder#keepTag}. */
  record Tag(String tag) implements RetentionRule {
    @Override
    public Set<Candidate> keeps(List<Candidate> newestFirst) {
      Set<Candidate> kept = new HashSet<>(newestFirst);
      kept.removeIf(candidate -> !candidate.info().tags().contains(tag));
      return kept;
    }

    @Override
    public String words() {
      return "tag " + tag;
    }

    @Override
    public Optional<String> namedTag() {
      return Optional.of(tag);
    }
  }

  /** See {@link RetentionPolicy.Builder#keepBest}. */
  record Best(int count, String key, RetentionPolicy.Order order) implements RetentionRule {
    @Override
    public Set<Candidate> keeps(List<Candidate> newestFirst) {
      Comparator<Candidate> lowestFirst = Comparator.comparing(one -> value(one).orElseThrow());
      boolean highest = order == RetentionPolicy.Order.HIGHEST;
      // Sorting is stable: of equal ones the newer comes first.
      return new HashSet<>(
          newestFirst.stream()
              .filter(candidate -> value(candidate).isPresent())
              .sorted(highest ? lowestFirst.reversed() : lowestFirst)
              .limit(count)
              .toList());
    }

    private OptionalDouble value(Candidate candidate) {
      String text = candidate.custom().get(key);
      try {
        double value = text == null ? Double.NaN : Double.parseDouble(text.strip());
        return Double.isNaN(value) ? OptionalDouble.empty() : OptionalDouble.of(value);
      } catch (NumberFormatException e) {
        return OptionalDouble.empty();
      }
    }

    @Override
    public Optional<String> passesOver(Candidate candidate) {
      String text = candidate.custom().get(key);
      return text == null || value(candidate).isPresent()
          ? Optional.empty()
          : Optional.of(
              "passed over by "
                  + words()
                  + ": its "
                  + key
                  + " is '"
                  + text
                  + "', which is no number");
    }

    @Override
    public String words() {
      return "best "
          + count
          + " by "
          + (order == RetentionPolicy.Order.LOWEST ? "lowest " : "highest ")
          + key;
    }

    @Override
    public Optional<String> metadataKey() {
      return Optional.of(key);
    }
  }

  /** Of all whose unsigned quotient is the same, the lowest, and of equal ones the newest. */
  private static Set<Candidate> firstOfEach(
      List<Candidate> newestFirst, ToLongFunction<Candidate> value, long divisor) {
    Map<Long, Candidate> firsts = new HashMap<>();
    for (Candidate candidate : newestFirst) {
      firsts.merge(
          Long.divideUnsigned(value.applyAsLong(candidate), divisor),
          candidate,
          (newer, older) ->
              Long.compareUnsigned(value.applyAsLong(older), value.applyAsLong(newer)) < 0
                  ? older
                  : newer);
    }
    return new HashSet<>(firsts.values());
  }
}
