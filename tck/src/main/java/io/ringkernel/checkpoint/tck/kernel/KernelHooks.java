package io.ringkernel.checkpoint.tck.kernel;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * The two hooks of a description, which count their calls, and fail or stall on demand: {@code
 * descriptor.quiesce(hooks::quiesce, hooks::resume)}. Safe for any number of threads.
 */
public final class KernelHooks {
  private final Supplier<Mono<Void>> stop;
  private final Supplier<Mono<Void>> go;
  private volatile Mono<Void> beforeStop = Mono.empty();
  private volatile Mono<Void> afterStop = Mono.empty();
  private volatile Mono<Void> beforeGo = Mono.empty();
  private volatile @Nullable RuntimeException thrown;
  private final Set<Thread> callers = ConcurrentHashMap.newKeySet();
  private int quiesces;
  private int resumes;
  private int mostAtOnce;

  /**
   * @param stop brings the program to stand still
   * @param go lets it run on
   */
  public KernelHooks(Supplier<Mono<Void>> stop, Supplier<Mono<Void>> go) {
    this.stop = stop;
    this.go = go;
  }

  /** The hook that quiesces. */
  public Mono<Void> quiesce() {
    RuntimeException fault = thrown;
    if (fault != null) {
      countQuiesce();
      throw fault;
    }
    return Mono.defer(
        () -> {
          countQuiesce();
          return beforeStop.then(Mono.defer(stop)).then(Mono.defer(() -> afterStop));
        });
  }

  /** The hook that resumes. */
  public Mono<Void> resume() {
    return Mono.defer(
        () -> {
          countResume();
          return beforeGo.then(Mono.defer(go));
        });
  }

  private synchronized void countQuiesce() {
    callers.add(Thread.currentThread());
    quiesces++;
    mostAtOnce = Math.max(mostAtOnce, quiesces - resumes);
  }

  private synchronized void countResume() {
    callers.add(Thread.currentThread());
    resumes++;
  }

  /** The threads that called. */
  Set<Thread> callers() {
    return callers;
  }

  /** How often the kernel was asked to stand still. */
  public synchronized int quiesces() {
    return quiesces;
  }

  /** How often it was let run on. */
  public synchronized int resumes() {
    return resumes;
  }

  /** The most quiesces at any moment that had no resume yet. */
  public synchronized int mostAtOnce() {
    return mostAtOnce;
  }

  /**
   * From now on the kernel comes to a stop only after this.
   *
   * @param before an error, or one that waits
   */
  void quiesceBeginsWith(Mono<Void> before) {
    beforeStop = before;
  }

  /**
   * From now on the kernel stands still, and the hook ends as told.
   *
   * @param end an error, or one that waits
   */
  void quiesceEndsWith(Mono<Void> end) {
    afterStop = end;
  }

  /**
   * From now on the hook that quiesces does not even give a {@code Mono}.
   *
   * @param fault what it throws
   */
  void quiesceThrows(RuntimeException fault) {
    thrown = fault;
  }

  /**
   * From now on the kernel runs on only after this.
   *
   * @param before an error, or one that waits
   */
  void resumeBeginsWith(Mono<Void> before) {
    beforeGo = before;
  }

  /** From now on both work again. */
  void heal() {
    beforeStop = Mono.empty();
    afterStop = Mono.empty();
    beforeGo = Mono.empty();
    thrown = null;
  }
}
