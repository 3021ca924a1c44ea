package io.ringkernel.checkpoint.gpu.cuda;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * What a measurement came to beside its limit, in one run on one device.
 *
 * @param what was measured
 * @param limitName beside what
 * @param ours our median
 * @param limit the limit's median
 * @param unit of both
 * @param ratio median of the rounds' ratios
 * @param budget what the ratio is held to
 * @param atLeast whether it must be at least the budget, else at most
 */
record Budget(
    String what,
    String limitName,
    double ours,
    double limit,
    String unit,
    double ratio,
    double budget,
    boolean atLeast) {
  private static final String LINE = "%-50s %-34s %10s %10s %7s %9s  %s%n";

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
      double budget) {
    return new Budget(
        what,
        limitName,
        median(rounds, round -> (double) bytes / round[0]),
        median(rounds, round -> (double) limitBytes / round[1]),
        "GB/s",
        median(rounds, round -> (double) bytes / round[0] / ((double) limitBytes / round[1])),
        budget,
        true);
  }

  /** Times, in milliseconds: ours at most so many of the limit's. */
  static Budget ofTimes(String what, String limitName, List<long[]> rounds, double budget) {
    return new Budget(
        what,
        limitName,
        median(rounds, round -> round[0] / 1e6),
        median(rounds, round -> round[1] / 1e6),
        "ms",
        median(rounds, round -> (double) round[0] / round[1]),
        budget,
        false);
  }

  private interface Figure {
    double of(long[] round);
  }

  private static double median(List<long[]> rounds, Figure figure) {
    double[] sorted = rounds.stream().mapToDouble(figure::of).sorted().toArray();
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  boolean isMet() {
    return atLeast ? ratio >= budget : ratio <= budget;
  }

  private static String text(double value, String unit) {
    return String.format(Locale.ROOT, "%.2f %s", value, unit).trim();
  }

  /** A table for people. */
  static String table(List<Budget> all) {
    StringBuilder table = new StringBuilder();
    table.append(
        String.format(LINE, "what", "limit", "ours", "limit is", "ratio", "budget", "verdict"));
    for (Budget each : all) {
      table.append(
          String.format(
              LINE,
              each.what,
              each.limitName,
              text(each.ours, each.unit),
              text(each.limit, each.unit),
              text(each.ratio, ""),
              (each.atLeast ? ">= " : "<= ") + text(each.budget, ""),
              each.isMet() ? "met" : "MISSED"));
    }
    return table.toString();
  }

  String json() {
    return String.format(
        Locale.ROOT,
        "{\"what\": \"%s\", \"limit\": \"%s\", \"unit\": \"%s\", \"ours\": %.3f, \"limit_is\": %.3f,"
            + " \"ratio\": %.4f, \"budget\": %.2f, \"at_least\": %b, \"met\": %b}",
        what,
        limitName,
        unit,
        ours,
        limit,
        ratio,
        budget,
        atLeast,
        isMet());
  }
}
