package io.ringkernel.checkpoint.kernel.adapter;

import reactor.core.publisher.Mono;

/**
 * One stop of a kernel, for a capture, a restore or a cut, and how the kernel runs on after it:
 * once, to its end, however many ask for it.
 */
public final class Stop {
  private final AdaptedState state;
  private final Cancellation cancellation;
  private final Mono<Void> resume;
  private volatile boolean begun;
  private volatile boolean restored;

  /**
   * A stop that has not begun.
   *
   * @param state of the kernel
   * @param cancellation ends the way to it
   */
  public Stop(AdaptedState state, Cancellation cancellation) {
    this.state = state;
    this.cancellation = cancellation;
    // Put together by now, and not while the kernel stands still.
    Mono<Void> unchanged = state.halt().resume();
    this.resume = Mono.defer(() -> restored ? state.halt().runRestored() : unchanged).cache();
  }

  /** Completes when the kernel stands still. */
  public Mono<Void> begin() {
    return cancellation.ends(
        Mono.defer(
            () -> {
              begun = true;
              return state.halt().quiesce();
            }));
  }

  /** Lets the kernel run on, or waits for that. */
  public Mono<Void> resume() {
    return resume;
  }

  /** The same when all of another state is written. */
  public Mono<Void> resumeRestored() {
    return Mono.defer(
        () -> {
          state.wholeness().written();
          restored = true;
          return resume;
        });
  }

  /**
   * Lets a kernel run on after a failure, or tells that it does not; one that a restore has left
   * half-way stays standing.
   *
   * @param failure to be signalled when this has completed, see {@link Cancellation#runOn}
   * @return never fails
   */
  public Mono<Void> undo(Throwable failure) {
    return Mono.defer(
        () ->
            begun && state.wholeness().isWhole()
                ? cancellation.runOn(resume, failure)
                : Mono.<Void>empty());
  }
}
