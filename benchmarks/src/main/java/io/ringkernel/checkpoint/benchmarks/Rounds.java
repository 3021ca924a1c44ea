package io.ringkernel.checkpoint.benchmarks;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Lets a contest's two sides take turns.
 *
 * @param warmUp how long both take turns uncounted, so that compiled code is measured; at least
 *     once
 * @param counted rounds that are counted
 */
record Rounds(Duration warmUp, int counted) {
  private interface Turn {
    void run() throws Exception;
  }

  Result run(Contest contest) throws Exception {
    List<Double> ours = new ArrayList<>();
    List<Double> limit = new ArrayList<>();
    List<Double> atOnce = new ArrayList<>();
    long warmAt = System.nanoTime() + warmUp.toNanos();
    do {
      double unused = seconds(contest, contest::ours) + seconds(contest, contest::limit);
    } while (System.nanoTime() - warmAt < 0);
    for (int round = 0; round < counted; round++) {
      ours.add(contest.bytes() / seconds(contest, contest::ours));
      limit.add(contest.bytes() / seconds(contest, contest::limit) * contest.limitFactor());
      if (contest instanceof PerCoreContest perCore) {
        atOnce.add(contest.bytes() / seconds(contest, perCore::passesAtOnce));
      }
    }
    return Result.of(contest, ours, limit, atOnce);
  }

  private static double seconds(Contest contest, Turn turn) throws Exception {
    // Garbage of the turn before must not be paid for in this one.
    System.gc();
    long start = System.nanoTime();
    turn.run();
    double seconds = (System.nanoTime() - start) / 1e9;
    contest.cleanUp();
    return seconds;
  }
}
