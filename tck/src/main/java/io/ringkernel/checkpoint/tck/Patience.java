package io.ringkernel.checkpoint.tck;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.assertj.core.api.Assertions;

/** Waiting for what must happen soon; a test never depends on how soon. */
public final class Patience {
  /** The longest wait: after it, the condition counts as not met. */
  public static final Duration LIMIT = Duration.ofSeconds(30);

  private Patience() {}

  /**
   * Returns once a condition holds, and fails the test when it does not within {@link #LIMIT}.
   *
   * @param what the condition in words, for the failure
   * @param condition asked again and again
   */
  public static void until(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + LIMIT.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - end > 0) {
        Assertions.fail("waited " + LIMIT.toSeconds() + " s in vain: " + what);
      }
      pause();
    }
  }

  private static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(2);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      Assertions.fail("interrupted while waiting", e);
    }
  }
}
