package io.ringkernel.checkpoint;

import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import reactor.core.scheduler.NonBlocking;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Daemon threads that hold no reference to the application that happens to need them first.
 *
 * <p>A thread begins with the context class loader and the inheritable thread-locals of the thread
 * that starts it. A pool's threads are started by some caller, mostly one of an application that
 * may be unloaded while they go on. Then the application's classes would stay, and code on these
 * threads would find one application's classes or another's by chance. Threads from here have the
 * class loader of this library, and no thread-locals. Backends should use them too, for all of
 * their threads.
 */
public final class DetachedThreads {
  private static final int IDLE_SECONDS = 10;
  private static final ClassLoader LOADER = DetachedThreads.class.getClassLoader();

  private DetachedThreads() {}

  /**
   * A scheduler for work that may block.
   *
   * @param name of its threads, before a number
   * @param most how many threads there are at once, at least 1; idle ones end after ten seconds
   * @return to be disposed of by the caller; until then one of its threads stays, which ends the
   *     others. What lasts as long as the process should use {@link
   *     io.ringkernel.checkpoint.storage.blocking.IoThreads}
   */
  public static Scheduler bounded(String name, int most) {
    ThreadFactory factory = factory(name, Detached::new);
    // Reactor starts that thread itself, here and now.
    return asLibrary(
        () -> Schedulers.newBoundedElastic(most, Integer.MAX_VALUE, factory, IDLE_SECONDS));
  }

  /**
   * A scheduler for computations, on threads that must not block.
   *
   * @param name of its threads, before a number
   * @param count how many threads, at least 1
   * @return to be disposed of by the caller; it then finishes what it was given, and refuses more
   */
  public static Scheduler parallel(String name, int count) {
    return new FinishingWorkers(count, factory(name, NonBlockingDetached::new));
  }

  /**
   * A scheduler of one thread that must not block.
   *
   * @param name of its thread, before a number
   * @return to be disposed of by the caller
   */
  public static Scheduler single(String name) {
    return Schedulers.newSingle(factory(name, NonBlockingDetached::new));
  }

  /**
   * Runs a task on a thread of its own, which ends with it; never waits.
   *
   * @param name of the thread
   * @param task may block
   */
  public static void start(String name, Runnable task) {
    new Detached(task, name).start();
  }

  private interface Maker {
    Thread make(Runnable task, String name);
  }

  private static ThreadFactory factory(String name, Maker maker) {
    AtomicInteger made = new AtomicInteger();
    return task -> maker.make(task, name + "-" + made.incrementAndGet());
  }

  private static <T> T asLibrary(Supplier<T> making) {
    Thread caller = Thread.currentThread();
    ClassLoader before = caller.getContextClassLoader();
    caller.setContextClassLoader(LOADER);
    try {
      return making.get();
    } finally {
      caller.setContextClassLoader(before);
    }
  }

  /** What every thread of this library is. */
  private static class Detached extends Thread {
    Detached(Runnable task, String name) {
      super(null, task, name, 0, false);
      setDaemon(true);
      setContextClassLoader(LOADER);
    }
  }

  /** One that Reactor, and BlockHound, know as a thread that must not block. */
  private static final class NonBlockingDetached extends Detached implements NonBlocking {
    NonBlockingDetached(Runnable task, String name) {
      super(task, name);
    }
  }
}
