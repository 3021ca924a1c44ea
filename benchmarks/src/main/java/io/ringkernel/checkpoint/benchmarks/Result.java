package io.ringkernel.checkpoint.benchmarks;

import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * What a measurement came to.
 *
 * @param name what was measured
 * @param limitName beside what
 * @param unit of the two figures that follow
 * @param ours our median
 * @param limit the limit's median
 * @param ratio median of the rounds' ratios
 * @param least the smallest ratio of a round
 * @param most the largest
 * @param atOnce median of ours beside what bare passes on all cores at once gave in the same round;
 *     NaN where the limit is not one core's
 * @param budget the least that the ratio must be
 */
record Result(
    String name,
    String limitName,
    Unit unit,
    double ours,
    double limit,
    double ratio,
    double least,
    double most,
    double atOnce,
    double budget) {
  /** What a figure counts. */
  enum Unit {
    /** More is better. */
    BYTES_PER_SECOND,
    /** Less is better. */
    BYTES;

    String show(double value) {
      return this == BYTES_PER_SECOND
          ? String.format(Locale.ROOT, "%.2f GB/s", value / 1e9)
          : String.format(Locale.ROOT, "%.1f MiB", value / (1 << 20));
    }
  }

  static Result of(Contest contest, List<Double> ours, List<Double> limit, List<Double> atOnce) {
    List<Double> ratios = ratios(ours, limit);
    return new Result(
        contest.name(),
        contest.limitName(),
        Unit.BYTES_PER_SECOND,
        median(ours),
        median(limit),
        median(ratios),
        ratios.get(0),
        ratios.get(ratios.size() - 1),
        atOnce.isEmpty() ? Double.NaN : median(ratios(ours, atOnce)),
        contest.budget());
  }

  /** Something counted once, in bytes. */
  static Result ofBytes(String name, String limitName, double ours, double limit) {
    double ratio = limit / ours;
    return new Result(name, limitName, Unit.BYTES, ours, limit, ratio, ratio, ratio, Double.NaN, 1);
  }

  private static List<Double> ratios(List<Double> ours, List<Double> limit) {
    return IntStream.range(0, ours.size())
        .mapToObj(i -> ours.get(i) / limit.get(i))
        .sorted()
        .toList();
  }

  boolean isMet() {
    return ratio >= budget;
  }

  String json() {
    return String.format(
        Locale.ROOT,
        "{\"what\": \"%s\", \"limit\": \"%s\", \"unit\": \"%s\", \"ours\": %.0f,"
            + " \"limitIs\": %.0f, \"ratio\": %.4f, \"least\": %.4f, \"most\": %.4f,"
            + " \"atOnce\": %s, \"budget\": %.2f, \"met\": %b}",
        name,
        limitName,
        unit == Unit.BYTES ? "B" : "B/s",
        ours,
        limit,
        ratio,
        least,
        most,
        Double.isNaN(atOnce) ? "null" : String.format(Locale.ROOT, "%.4f", atOnce),
        budget,
        isMet());
  }

  private static double median(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }
}
