package io.ringkernel.checkpoint.compression.zstd;

import java.util.concurrent.atomic.AtomicReference;

/**
 * Lets one thread at a time into native state, and none after it was freed.
 *
 * <p>zstd-jni refuses use after close, but lets two threads into one context, which breaks it.
 */
final class UseGuard {
  private enum State {
    IDLE,
    IN_USE,
    CLOSED
  }

  private final AtomicReference<State> state = new AtomicReference<>(State.IDLE);
  private final String what;

  /**
   * @param what names the guarded thing in errors, as in "zstd block compressor"
   */
  UseGuard(String what) {
    this.what = what;
  }

  /**
   * Begins a use, which {@link #leave} ends.
   *
   * @throws IllegalStateException when closed, or in use by another thread
   */
  void enter() {
    State was = state.compareAndExchange(State.IDLE, State.IN_USE);
    if (was != State.IDLE) {
      throw refusal(was);
    }
  }

  void leave() {
    state.set(State.IDLE);
  }

  /**
   * Ends all use.
   *
   * @return whether the caller is the one to free the native state
   * @throws IllegalStateException when in use by another thread
   */
  boolean close() {
    State was = state.compareAndExchange(State.IDLE, State.CLOSED);
    if (was == State.IN_USE) {
      throw refusal(was);
    }
    return was == State.IDLE;
  }

  private IllegalStateException refusal(State was) {
    return new IllegalStateException(
        "this " + what + (was == State.CLOSED ? " is closed" : " is in use by another thread"));
  }
}
