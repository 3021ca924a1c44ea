package io.ringkernel.checkpoint.core;

import java.util.function.Predicate;
import reactor.util.retry.Retry;

/**
 * When something that begins with reading what it writes on is begun again. Each refusal means that
 * another writer got on, so that it ends; of lost answers a few are borne.
 */
final class Again {
  /** Each refusal means that another writer got on: so many in a row is not a race any more. */
  static final int MOST_ATTEMPTS = 64;

  /** How often a write is tried again when its answer was lost. */
  static final int MOST_LOST_ANSWERS = 3;

  private Again() {}

  /** After a refusal. */
  static Retry afterRefusal() {
    return where(failed -> Failures.isRefusal(failed.failure()) && isBelow(MOST_ATTEMPTS, failed));
  }

  /** After a refusal, or a lost answer. */
  static Retry afterRefusalOrLostAnswer() {
    return where(
        failed ->
            (Failures.isRefusal(failed.failure()) && isBelow(MOST_ATTEMPTS, failed))
                || (Failures.isTransient(failed.failure()) && isBelow(MOST_LOST_ANSWERS, failed)));
  }

  private static boolean isBelow(int mostAttempts, Retry.RetrySignal failed) {
    return failed.totalRetries() + 1 < mostAttempts;
  }

  /** The failure itself is passed on where there is no next attempt. */
  private static Retry where(Predicate<Retry.RetrySignal> isNext) {
    return Retry.from(
        failures ->
            failures.handle(
                (failed, sink) -> {
                  if (isNext.test(failed)) {
                    sink.next(failed);
                  } else {
                    sink.error(failed.failure());
                  }
                }));
  }
}
