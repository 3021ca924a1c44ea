package io.ringkernel.checkpoint.benchmarks;

import io.ringkernel.checkpoint.storage.gcs.fleet.Fleet;
import io.ringkernel.checkpoint.storage.gcs.fleet.Requests;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.function.ToLongFunction;

/**
 * What a fleet asked for as text, and what that comes to for the fleet of docs/scaling.md.
 *
 * @param counts of all calls
 */
record FleetTable(List<Fleet.Count> counts) {
  private static final String LINE = "%-24s %7s  %-7s %12s %12s  %s%n";
  private static final int FLEET = 10_000;
  private static final int SECONDS = 60;
  private static final int KEPT = 10;

  /** A class of requests. */
  private record Kind(String name, ToLongFunction<Requests> of) {}

  private static final List<Kind> KINDS =
      List.of(
          new Kind("POST", Requests::posts),
          new Kind("PUT", Requests::puts),
          new Kind("GET", Requests::gets),
          new Kind("LIST", Requests::lists),
          new Kind("DELETE", Requests::deletes));

  void print(PrintStream out) {
    out.printf(LINE, "call", "times", "class", "predicted", "counted", "verdict");
    for (Fleet.Count count : counts) {
      for (Kind kind : KINDS) {
        long predicted = kind.of().applyAsLong(count.predicted());
        long counted = kind.of().applyAsLong(count.counted());
        if (predicted != 0 || counted != 0) {
          String verdict = predicted == counted ? "met" : "MISSED";
          out.printf(LINE, count.call(), count.times(), kind.name(), predicted, counted, verdict);
        }
      }
    }
    counts.stream()
        .filter(count -> count.call().equals(Fleet.DELTA))
        .forEach(count -> printFleet(out, count));
  }

  /** By what was counted of deltas; of lists and collections, which grow, by the model. */
  private static void printFleet(PrintStream out, Fleet.Count deltas) {
    double each = (double) FLEET / SECONDS / deltas.times();
    Requests counted = deltas.counted();
    long checkpoints = (long) FLEET * KEPT;
    Requests.Contents store = new Requests.Contents(FLEET, checkpoints, checkpoints, 1);
    out.printf(
        Locale.ROOT,
        "%n%,d kernels, a delta of each in %d s, by what was counted:%n"
            + "  writes/s (POST and DELETE)  %,10.0f%n"
            + "  reads/s (GET and LIST)      %,10.0f%n"
            + "with %d checkpoints kept of each, by the model:%n"
            + "  GET of a list               %,10d%n"
            + "  GET of a collection         %,10d%n",
        FLEET,
        SECONDS,
        each * (counted.posts() + counted.deletes()),
        each * (counted.gets() + counted.lists()),
        KEPT,
        Requests.listing(store).gets(),
        Requests.collection(store, 0).gets());
  }
}
