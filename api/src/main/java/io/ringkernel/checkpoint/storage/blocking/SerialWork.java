package io.ringkernel.checkpoint.storage.blocking;

import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A step that is repeated whenever something that it depends on has changed, by one thread at a
 * time, on a storage's threads.
 *
 * <p>Data that only the step touches needs no lock: each run sees what the run before left.
 */
public final class SerialWork {
  private final Executor threads;
  private final Runnable step;
  private final AtomicInteger changes = new AtomicInteger();

  // Touched only by the step, and by whoever finds that it does not run.
  private boolean ended;

  /**
   * Work that does nothing yet.
   *
   * @param threads do the step until it has ended
   * @param step throws nothing; may block if the threads may
   */
  public SerialWork(Executor threads, Runnable step) {
    this.threads = threads;
    this.step = step;
  }

  /** Runs the step; once more if it is running just now. Never blocks. */
  public void changed() {
    if (changes.getAndIncrement() == 0) {
      if (ended) {
        run();
      } else {
        threads.execute(this::run);
      }
    }
  }

  /**
   * Called by the step when nothing is left to do but to drop what comes late. The threads may be
   * gone then, so from now on the step runs on the thread that brings something, and must not
   * block.
   */
  public void end() {
    ended = true;
  }

  /** Whether {@link #end} was called; for the step. */
  public boolean hasEnded() {
    return ended;
  }

  private void run() {
    int seen = changes.get();
    do {
      step.run();
      seen = changes.addAndGet(-seen);
    } while (seen != 0);
  }
}
