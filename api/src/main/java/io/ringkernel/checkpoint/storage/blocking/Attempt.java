package io.ringkernel.checkpoint.storage.blocking;

import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One subscription as its blocking code sees it: it tells whether it was cancelled, or its storage
 * closed.
 *
 * <p>Code that can wait for long asks {@link #isUnwanted} where it may stop, and says by {@link
 * #whenUnwanted} how to end a call that it is blocked in.
 */
public final class Attempt {
  private final Executor aborts;
  private final Executor threads;
  private final AtomicReference<@Nullable Runnable> abort = new AtomicReference<>();
  private volatile boolean unwanted;

  /**
   * @param aborts runs what ends a blocked call; must not be one of the threads it frees
   * @param threads run what blocks
   */
  Attempt(Executor aborts, Executor threads) {
    this.aborts = aborts;
    this.threads = threads;
  }

  /** Whether nobody waits for the result any more. */
  public boolean isUnwanted() {
    return unwanted;
  }

  /**
   * Sets what to do, once, as soon as nobody waits any more; at once if nobody does already.
   *
   * @param action ends the call that is under way, for example by closing its connection; run on
   *     another thread; replaces an earlier one; null for nothing
   */
  public void whenUnwanted(@Nullable Runnable action) {
    abort.set(action);
    if (unwanted) {
      runAbort();
    }
  }

  /**
   * Runs a task beside this one, on another of the storage's threads, which may block; it begins
   * when a thread is free.
   *
   * @param task must not be waited for before it has begun, and must have ended when the work of
   *     this attempt ends
   */
  public void beside(Runnable task) {
    threads.execute(task);
  }

  /** Nobody waits any more. Never blocks. */
  void giveUp() {
    unwanted = true;
    runAbort();
  }

  private void runAbort() {
    Runnable action = abort.getAndSet(null);
    if (action != null) {
      aborts.execute(action);
    }
  }
}
