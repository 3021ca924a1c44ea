package io.ringkernel.checkpoint.gpu.cuda;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import reactor.core.Exceptions;

/**
 * What one thread makes while another waits for it. Made too late, when nobody waits any more, it
 * is given back by the thread that made it.
 */
final class Awaited<T> {
  private final CompletableFuture<T> outcome = new CompletableFuture<>();

  /**
   * It is there.
   *
   * @param unwanted gets it, on this thread, when nobody waits any more
   */
  void made(T what, Consumer<T> unwanted) {
    if (!outcome.complete(what)) {
      unwanted.accept(what);
    }
  }

  /** It can't be made, or nobody should wait any longer. */
  void failed(Throwable why) {
    outcome.completeExceptionally(why);
  }

  /** Waits until it is there, has failed, or the caller is interrupted. */
  T get() {
    try {
      return outcome.get();
    } catch (ExecutionException e) {
      throw Exceptions.propagate(Objects.requireNonNull(e.getCause()));
    } catch (InterruptedException e) {
      interrupted(e);
      // That, unless it has just been made.
      return get();
    }
  }

  /**
   * The same for no longer than this.
   *
   * @param late what is said then
   */
  T get(Duration limit, String late) {
    try {
      return outcome.get(limit.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      failed(new StuckDriverException(late));
    } catch (InterruptedException e) {
      interrupted(e);
    } catch (ExecutionException e) {
      // Told below.
    }
    return get();
  }

  private void interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    failed(new IllegalStateException("interrupted while the driver was waited for", e));
  }
}
