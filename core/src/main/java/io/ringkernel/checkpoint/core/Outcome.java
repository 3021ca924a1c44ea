package io.ringkernel.checkpoint.core;

import reactor.core.publisher.Mono;

/**
 * What is known of one conditional write, which is asked for again when its answer was lost. For
 * the one who asks.
 *
 * <p>It answers two questions that are not the same: whether what the write refers to may be
 * removed again, and whether the caller can be told what became of it.
 */
final class Outcome {
  private volatile boolean mayBeDone;
  private volatile boolean unknown;

  /** Whether a request that nobody waits for any more may still arrive, and hold. */
  private volatile boolean onItsWay;

  /** Whether it was asked for at least once without being refused for certain. */
  boolean mayBeDone() {
    return mayBeDone;
  }

  /** Whether an answer was lost, and nothing that was read since tells what it was. */
  boolean isUnknown() {
    return unknown;
  }

  /** Asks for it. That it is refused this time says nothing of the times before. */
  <T> Mono<T> asking(Mono<T> write) {
    return Mono.defer(
        () -> {
          boolean mayBeDoneBefore = mayBeDone;
          boolean unknownBefore = unknown;
          mayBeDone = true;
          unknown = true;
          return write
              .doOnError(e -> onItsWay = mayArrive(e))
              .doOnError(Failures::isRefusal, e -> mayBeDone = mayBeDoneBefore)
              .doOnError(Failures::isCertain, e -> unknown = unknownBefore);
        });
  }

  /**
   * An error that won't pass was an answer, but to this request alone. One that is refused found
   * another version, and so will those before it.
   */
  private boolean mayArrive(Throwable error) {
    return Failures.isTransient(error) || (onItsWay && !Failures.isRefusal(error));
  }

  /** What lies there now tells what became of it; it may have been done and undone since. */
  void settled() {
    unknown = false;
  }

  /** The same, unless one of the requests may still be on its way. */
  void settledUnlessOnItsWay() {
    unknown = onItsWay;
  }

  /** What lies there now tells whether it was ever done. */
  void settled(boolean done) {
    mayBeDone = done;
    unknown = false;
  }
}
