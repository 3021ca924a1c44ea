package io.ringkernel.checkpoint.gpu.cuda;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What a measurement came to beside its limit, in one run on one device.
 *
 * @param what was measured
 * @param limitName beside what
 * @param ours our median
 * @param limit the limit's median
 * @param unit of both
 * @param ratio median of the rounds' ratios
 * @param goal what the ratio is held to; null for a figure that explains others
 */
record Budget(
    String what,
    String limitName,
    double ours,
    double limit,
    String unit,
    double ratio,
    @Nullable Goal goal) {
  private static final String LINE = "%-64s %-34s %10s %10s %7s %9s  %s%n";

  /** What a ratio is held to: at least, or else at most, so much. */
  record Goal(double bound, boolean isLeast) {
    static Goal least(double bound) {
      return new Goal(bound, true);
    }

    static Goal most(double bound) {
      return new Goal(bound, false);
    }

    private boolean isMetBy(double ratio) {
      return isLeast ? ratio >= bound : ratio <= bound;
    }

    private String text() {
      return (isLeast ? ">= " : "<= ") + Budget.text(bound, "");
    }
  }

  /** Nanoseconds of one round of something, and of its limit right after it. */
  record Contest(LongSupplier ours, LongSupplier limit) {
    /**
     * Runs them in turns.
     *
     * @param warmUp rounds that do not count: the code is compiled, the device's clock goes up
     * @param rounds that count
     */
    List<long[]> run(int warmUp, int rounds) {
      List<long[]> all = new ArrayList<>();
      for (int i = 0; i < warmUp + rounds; i++) {
        all.add(new long[] {ours.getAsLong(), limit.getAsLong()});
      }
      return all.subList(warmUp, all.size());
    }
  }

  /**
   * Rates, in GB/s.
   *
   * @param rounds nanoseconds of ours and of the limit
   * @param bytes that ours moves
   * @param limitBytes that the limit counts
   */
  static Budget ofRates(
      String what,
      String limitName,
      List<long[]> rounds,
      long bytes,
      long limitBytes,
      @Nullable Goal goal) {
    return new Budget(
        what,
        limitName,
        median(rounds, round -> (double) bytes / round[0]),
        median(rounds, round -> (double) limitBytes / round[1]),
        "GB/s",
        median(rounds, round -> (double) bytes / round[0] / ((double) limitBytes / round[1])),
        goal);
  }

  /** Times, in milliseconds. */
  static Budget ofTimes(String what, String limitName, List<long[]> rounds, @Nullable Goal goal) {
    return new Budget(
        what,
        limitName,
        median(rounds, round -> round[0] / 1e6),
        median(rounds, round -> round[1] / 1e6),
        "ms",
        median(rounds, round -> (double) round[0] / round[1]),
        goal);
  }

  private interface Figure {
    double of(long[] round);
  }

  private static double median(List<long[]> rounds, Figure figure) {
    double[] sorted = rounds.stream().mapToDouble(figure::of).sorted().toArray();
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  /** Whether it is as it is to be; also where nothing is said of that. */
  boolean isMet() {
    return goal == null || goal.isMetBy(ratio);
  }

  private static String text(double value, String unit) {
    return String.format(Locale.ROOT, "%.2f %s", value, unit).trim();
  }

  /** What the columns of {@link #line} are. */
  static String heading() {
    return String.format(LINE, "what", "limit", "ours", "limit is", "ratio", "budget", "verdict");
  }

  /** For people. */
  String line() {
    return String.format(
        LINE,
        what,
        limitName,
        text(ours, unit),
        text(limit, unit),
        text(ratio, ""),
        goal == null ? "" : goal.text(),
        goal == null ? "" : isMet() ? "met" : "MISSED");
  }

  String json() {
    return String.format(
        Locale.ROOT,
        "{\"what\": \"%s\", \"limit\": \"%s\", \"unit\": \"%s\", \"ours\": %.3f, \"limit_is\": %.3f,"
            + " \"ratio\": %.4f%s}",
        what,
        limitName,
        unit,
        ours,
        limit,
        ratio,
        goal == null
            ? ""
            : String.format(
                Locale.ROOT,
                ", \"budget\": %.2f, \"at_least\": %b, \"met\": %b",
                goal.bound,
                goal.isLeast,
                isMet()));
  }
}
