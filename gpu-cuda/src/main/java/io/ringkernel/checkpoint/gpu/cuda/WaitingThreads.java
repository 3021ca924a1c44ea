package io.ringkernel.checkpoint.gpu.cuda;

import io.ringkernel.checkpoint.DetachedThreads;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.scheduler.Scheduler;

/**
 * A bounded number of threads that may wait for a device or a kernel; they end when they are idle.
 */
final class WaitingThreads {
  /** Tasks that one of the threads runs within each other; what is done in one stall is fewer. */
  private static final int DEEPEST = 16;

  private static final ThreadLocal<@Nullable WaitingThreads> CURRENT = new ThreadLocal<>();

  /** How deep the calling thread's tasks are nested. */
  private final ThreadLocal<Integer> depth = ThreadLocal.withInitial(() -> 0);

  private final Scheduler scheduler;

  /**
   * @param name of the threads
   * @param threads how many
   */
  WaitingThreads(String name, int threads) {
    this.scheduler = DetachedThreads.bounded(name, threads);
  }

  /**
   * Has one of the threads run a task.
   *
   * @throws RejectedExecutionException when they have ended
   */
  void later(Runnable task) {
    Disposable unused = scheduler.schedule(() -> runAsOwn(task));
  }

  /**
   * Runs a task at once when the calling thread is one of these, else as {@link #later}: to wake
   * another takes longer than much of what is done while a kernel stands still. One that goes on
   * and on from within is run later now and then, as a stack has an end.
   *
   * @throws RejectedExecutionException when they have ended
   */
  void here(Runnable task) {
    int nested = depth.get();
    if (CURRENT.get() != this || nested == DEEPEST) {
      later(task);
      return;
    }
    depth.set(nested + 1);
    try {
      task.run();
    } finally {
      depth.set(nested);
    }
  }

  private void runAsOwn(Runnable task) {
    CURRENT.set(this);
    try {
      task.run();
    } finally {
      CURRENT.remove();
      depth.remove();
    }
  }

  /** Ends the threads, once what they do is done. Never waits: an executor's end takes a lock. */
  void dispose() {
    DetachedThreads.start(
        "rkcp-cuda-close", () -> scheduler.disposeGracefully().onErrorComplete().subscribe());
  }
}
