package io.ringkernel.checkpoint.benchmarks;

import java.util.ArrayList;
import java.util.List;

/**
 * Lets a contest's two sides take turns.
 *
 * @param warmUps rounds that are not counted
 * @param counted rounds that are
 */
record Rounds(int warmUps, int counted) {
  private interface Turn {
    void run() throws Exception;
  }

  Result run(Contest contest) throws Exception {
    List<Double> ours = new ArrayList<>();
    List<Double> limit = new ArrayList<>();
    for (int round = 0; round < warmUps + counted; round++) {
      double ourSeconds = seconds(contest, contest::ours);
      double limitSeconds = seconds(contest, contest::limit);
      if (round >= warmUps) {
        ours.add(contest.bytes() / ourSeconds);
        limit.add(contest.bytes() / limitSeconds * contest.limitFactor());
      }
    }
    return Result.of(contest, ours, limit);
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
