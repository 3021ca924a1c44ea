package io.ringkernel.checkpoint.cli.files;

import java.util.concurrent.Callable;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * The few threads on which files are read and written.
 *
 * <p>Work is never cancelled by the scheduler, since that interrupts, and an interrupt closes a
 * {@code FileChannel} under everybody else who reads from it.
 */
public final class FileThreads implements AutoCloseable {
  private static final int THREADS = 4;
  private static final int IDLE_SECONDS = 10;

  /** Starts with no thread; they come on demand and go when idle. */
  private final Scheduler threads =
      Schedulers.newBoundedElastic(THREADS, Integer.MAX_VALUE, "rkcp-file", IDLE_SECONDS, true);

  /**
   * Does blocking work for each subscriber. It is run even when cancelled before its turn, so that
   * it can release what it was given; what it throws is the error.
   *
   * @param work gives the value
   */
  public <T> Mono<T> call(Callable<T> work) {
    return Mono.create(
        sink -> {
          AtomicBoolean cancelled = new AtomicBoolean();
          sink.onCancel(() -> cancelled.set(true));
          try {
            Disposable unused = threads.schedule(() -> run(work, cancelled, sink));
          } catch (RejectedExecutionException e) {
            sink.error(e);
          }
        });
  }

  private static <T> void run(Callable<T> work, AtomicBoolean cancelled, MonoSink<T> sink) {
    try {
      sink.success(work.call());
    } catch (Exception | OutOfMemoryError e) {
      // Nobody waits for the error of what was cancelled; Reactor would log it.
      if (!cancelled.get()) {
        sink.error(e);
      }
    }
  }

  /** Takes no more work; what is queued is still done. */
  @Override
  public void close() {
    Disposable unused = threads.disposeGracefully().subscribe();
  }
}
