package io.ringkernel.checkpoint.cli;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Ends a command that is told to stop: what it waits for is cancelled, it winds up, and only then
 * does the process end.
 *
 * <p>The JVM answers Ctrl-C and SIGTERM by running shutdown hooks beside the main thread, and exits
 * with 130 or 143 when they are done.
 */
final class Interruption {
  private static final long WIND_UP_SECONDS = 30;

  private final CountDownLatch ended = new CountDownLatch(1);
  private final Object lock = new Object();
  private boolean requested;
  private @Nullable Runnable cancellation;

  /** Answers signals from now on. */
  void install() {
    Runtime.getRuntime().addShutdownHook(new Thread(this::stop, "rkcp-interruption"));
  }

  /** The command has wound up: the process may end. */
  void ended() {
    ended.countDown();
  }

  /** Cancels, and waits for {@link #ended}. */
  void stop() {
    synchronized (lock) {
      requested = true;
      if (cancellation != null) {
        cancellation.run();
      }
    }
    try {
      // A clean-up that hangs must not keep the process for ever.
      boolean inTime = ended.await(WIND_UP_SECONDS, TimeUnit.SECONDS);
      assert inTime || requested;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  boolean isRequested() {
    synchronized (lock) {
      return requested;
    }
  }

  /**
   * Says how to cancel what is being done from now on, instead of what was said before.
   *
   * @param action run when told to stop, at once if that was so already; must not wait
   */
  void cancelBy(Runnable action) {
    synchronized (lock) {
      cancellation = action;
      if (requested) {
        action.run();
      }
    }
  }

  /**
   * Waits for work, and cancels it when told to stop.
   *
   * @return its value; null when it has none
   * @throws CancellationException when it was cancelled
   */
  <T> @Nullable T await(Mono<T> work) {
    CompletableFuture<T> result = work.toFuture();
    cancelBy(() -> result.cancel(true));
    try {
      return result.join();
    } catch (CompletionException e) {
      throw Failures.unchecked(e.getCause());
    }
  }

  /** Waits for clean-up, also when told to stop; its failure is not told. */
  void settle(Mono<Void> cleanUp) {
    try {
      cleanUp.toFuture().get(WIND_UP_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      // What it should have given back goes with the process.
      return;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
