package io.ringkernel.checkpoint;

import java.util.List;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import reactor.core.Disposable;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Threads for computations that, when they are disposed of, refuse what comes and finish what they
 * were given: Reactor's own drop it, and who waits for it would wait for ever.
 */
final class FinishingWorkers implements Scheduler {
  /** One thread of which nothing that it has taken is taken back. */
  private static final class Single extends ScheduledThreadPoolExecutor {
    Single(ThreadFactory threads) {
      super(1, threads);
      setRemoveOnCancelPolicy(true);
      setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    @Override
    public List<Runnable> shutdownNow() {
      shutdown();
      return List.of();
    }
  }

  private final List<Scheduler> workers;
  private final AtomicInteger next = new AtomicInteger();

  FinishingWorkers(int count, ThreadFactory threads) {
    workers =
        Stream.generate(() -> Schedulers.fromExecutorService(new Single(threads)))
            .limit(count)
            .toList();
  }

  private Scheduler pick() {
    return workers.get(Math.floorMod(next.getAndIncrement(), workers.size()));
  }

  @Override
  public Disposable schedule(Runnable task) {
    return pick().schedule(task);
  }

  @Override
  public Disposable schedule(Runnable task, long delay, TimeUnit unit) {
    return pick().schedule(task, delay, unit);
  }

  @Override
  public Disposable schedulePeriodically(
      Runnable task, long initialDelay, long period, TimeUnit unit) {
    return pick().schedulePeriodically(task, initialDelay, period, unit);
  }

  @Override
  public Worker createWorker() {
    return pick().createWorker();
  }

  @Override
  public void dispose() {
    workers.forEach(Scheduler::dispose);
  }

  @Override
  public boolean isDisposed() {
    return workers.stream().allMatch(Scheduler::isDisposed);
  }
}
