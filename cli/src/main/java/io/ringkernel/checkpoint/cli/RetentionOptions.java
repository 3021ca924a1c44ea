package io.ringkernel.checkpoint.cli;

import io.ringkernel.checkpoint.core.RetentionPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Which checkpoints to keep; what any of the rules keeps is kept. */
final class RetentionOptions {
  /** One rule, added to a policy. */
  private interface Rule {
    void addTo(RetentionPolicy.Builder policy);
  }

  @Option(
      names = "--keep-last",
      paramLabel = "N",
      converter = Positive.class,
      description = "Keep the newest N of each kernel.")
  private @Nullable Integer last;

  @Option(
      names = "--keep-every",
      paramLabel = "K|SPAN",
      converter = Every.class,
      description =
          "Keep one for each K steps, or for each span of time: 1000, 12h; may be repeated.")
  private List<Rule> every = new ArrayList<>();

  @Option(
      names = "--keep-tag",
      paramLabel = "T",
      description = "Keep what has this tag; may be repeated.")
  private List<String> tags = new ArrayList<>();

  @Option(names = "--keep-tagged", description = "Keep what has any tag.")
  private boolean tagged;

  @Option(
      names = "--keep-best",
      paramLabel = "KEY[:min|max]",
      converter = Best.class,
      description =
          "Keep the one with the largest (max, default) or smallest number in a custom entry.")
  private List<Rule> best = new ArrayList<>();

  /** Whether there is any rule. */
  boolean isGiven() {
    return last != null || tagged || !every.isEmpty() || !tags.isEmpty() || !best.isEmpty();
  }

  /** Whether a rule names a tag or a custom entry, which no checkpoint may have. */
  boolean namesWhatMayBeMissing() {
    return !tags.isEmpty() || !best.isEmpty();
  }

  /** What was asked for. */
  RetentionPolicy policy() {
    RetentionPolicy.Builder policy = RetentionPolicy.builder();
    if (last != null) {
      policy.keepLast(last);
    }
    every.forEach(rule -> rule.addTo(policy));
    tags.forEach(policy::keepTag);
    if (tagged) {
      policy.keepTagged();
    }
    best.forEach(rule -> rule.addTo(policy));
    return policy.build();
  }

  private static final class Positive implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String value) {
      try {
        int count = Integer.parseInt(value);
        if (count > 0) {
          return count;
        }
      } catch (NumberFormatException e) {
        // Told below.
      }
      throw new TypeConversionException("'" + value + "' is no whole number from 1");
    }
  }

  private static final class Every implements ITypeConverter<Rule> {
    @Override
    public Rule convert(String value) {
      if (value.matches("[0-9]{1,18}")) {
        long steps = Long.parseLong(value);
        if (steps > 0) {
          return policy -> policy.keepEverySteps(steps);
        }
      } else {
        Duration span = new Converters.Span().convert(value);
        if (!span.isZero()) {
          return policy -> policy.keepEvery(span);
        }
      }
      throw new TypeConversionException("'" + value + "' is not above 0");
    }
  }

  private static final class Best implements ITypeConverter<Rule> {
    @Override
    public Rule convert(String value) {
      boolean lowest = value.endsWith(":min");
      String key =
          lowest || value.endsWith(":max") ? value.substring(0, value.length() - 4) : value;
      if (key.isEmpty()) {
        throw new TypeConversionException("'" + value + "' names no custom entry");
      }
      RetentionPolicy.Order order =
          lowest ? RetentionPolicy.Order.LOWEST : RetentionPolicy.Order.HIGHEST;
      return policy -> policy.keepBest(1, key, order);
    }
  }
}
