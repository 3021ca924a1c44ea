package io.ringkernel.checkpoint.examples;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/**
 * Threads that share the parts of one piece of work. The caller is one of them; parts are taken one
 * by one, so that a thread that the machine holds up holds up only its part.
 */
final class Crew implements AutoCloseable {
  /** One part of the work. */
  interface Part {
    /**
     * Does it.
     *
     * @param worker which thread this is, from 0: no two of one number run at once
     * @param part which part to do, from 0
     */
    void run(int worker, int part);
  }

  private final int threads;
  private final ExecutorService helpers;

  Crew(String name, int threads) {
    this.threads = threads;
    AtomicInteger started = new AtomicInteger();
    this.helpers =
        Executors.newFixedThreadPool(
            Math.max(1, threads - 1),
            work -> {
              Thread thread = new Thread(work, name + "-crew-" + started.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
  }

  int threads() {
    return threads;
  }

  /** Does all parts and returns when the last one is done. */
  void share(int parts, Part work) {
    AtomicInteger next = new AtomicInteger();
    List<CompletableFuture<Void>> others =
        IntStream.range(1, Math.min(threads, parts))
            .mapToObj(
                worker ->
                    CompletableFuture.runAsync(() -> take(worker, parts, next, work), helpers))
            .toList();
    try {
      take(0, parts, next, work);
    } finally {
      CompletableFuture.allOf(others.toArray(CompletableFuture[]::new)).join();
    }
  }

  private static void take(int worker, int parts, AtomicInteger next, Part work) {
    for (int part = next.getAndIncrement(); part < parts; part = next.getAndIncrement()) {
      work.run(worker, part);
    }
  }

  /** Lets the threads end. */
  @Override
  public void close() {
    helpers.shutdown();
  }
}
