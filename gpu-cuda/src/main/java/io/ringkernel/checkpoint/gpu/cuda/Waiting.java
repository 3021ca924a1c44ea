package io.ringkernel.checkpoint.gpu.cuda;

import io.ringkernel.checkpoint.internal.Spans;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Waiting for a device, on a thread that may: eagerly at first, then with pauses, never for ever.
 */
final class Waiting {
  /** What is done this soon is seen at once; a pause takes at least some 60 microseconds. */
  private static final long EAGER_NANOS = 50_000;

  private static final long PAUSE_NANOS = 20_000;

  /** How long a kernel that stands still is worth a processor: 64 GiB are copied aside in that. */
  private static final long STANDING_NANOS = 30_000_000;

  private Waiting() {}

  /**
   * Returns when something is done.
   *
   * @param what for the failure
   * @param limit after this it fails with {@link StuckDriverException}
   * @param done asked again and again
   */
  static void await(String what, Duration limit, BooleanSupplier done) {
    await(what, limit, EAGER_NANOS, done);
  }

  /**
   * The same while a kernel stands still, or is about to: what a pause would take is not added to
   * that. Other threads go first.
   */
  static void awaitWhileItStands(String what, Duration limit, BooleanSupplier done) {
    await(what, limit, STANDING_NANOS, done);
  }

  @SuppressWarnings("ThreadPriorityCheck") // a courtesy: nothing depends on who goes first
  private static void await(String what, Duration limit, long eager, BooleanSupplier done) {
    long start = System.nanoTime();
    while (!done.getAsBoolean()) {
      long waited = System.nanoTime() - start;
      if (waited > limit.toNanos()) {
        throw new StuckDriverException(what + " did not end within " + Spans.words(limit));
      }
      if (waited < EAGER_NANOS) {
        Thread.onSpinWait();
      } else if (waited < eager) {
        Thread.yield();
      } else {
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
  }
}
