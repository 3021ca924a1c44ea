package io.ringkernel.checkpoint.benchmarks;

import java.io.PrintStream;
import java.util.List;
import java.util.Locale;

/**
 * Results as text.
 *
 * @param results one line each
 */
record Table(List<Result> results) {
  private static final String LINE = "%-30s %-28s %12s %12s %7s %15s %8s %7s  %s%n";

  void print(PrintStream out) {
    out.printf(
        LINE,
        "what",
        "limit",
        "ours",
        "limit is",
        "ratio",
        "(least - most)",
        "at once",
        "budget",
        "verdict");
    for (Result result : results) {
      out.printf(
          Locale.ROOT,
          LINE,
          result.name(),
          result.limitName(),
          result.unit().show(result.ours()),
          result.unit().show(result.limit()),
          String.format(Locale.ROOT, "%.2f", result.ratio()),
          String.format(Locale.ROOT, "(%.2f - %.2f)", result.least(), result.most()),
          Double.isNaN(result.atOnce()) ? "" : String.format(Locale.ROOT, "%.2f", result.atOnce()),
          String.format(Locale.ROOT, "%.2f", result.budget()),
          result.isMet() ? "met" : "MISSED");
    }
  }
}
