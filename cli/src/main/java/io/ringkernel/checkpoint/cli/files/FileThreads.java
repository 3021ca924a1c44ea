package io.ringkernel.checkpoint.cli.files;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

/**
 * The few threads on which files are read and written.
 *
 * <p>Not a Reactor scheduler, since those interrupt what is cancelled, and an interrupt closes a
 * {@code FileChannel} under everybody else who reads from it.
 */
public final class FileThreads implements AutoCloseable {
  private static final int THREADS = 4;

  private final ExecutorService executor;

  /** Starts with no thread; they come on demand and go when idle. */
  public FileThreads() {
    AtomicInteger number = new AtomicInteger();
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            work -> {
              Thread thread = new Thread(work, "rkcp-file-" + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    pool.allowCoreThreadTimeOut(true);
    this.executor = pool;
  }

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
            executor.execute(() -> run(work, cancelled, sink));
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
    executor.shutdown();
  }
}
