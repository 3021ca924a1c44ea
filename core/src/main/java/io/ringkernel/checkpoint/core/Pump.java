package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.internal.FirstFailure;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;

/**
 * Takes up work as long as there is some, so many at once.
 *
 * @param <T> what is worked on
 */
final class Pump<T> {
  private final int most;
  private final Supplier<@Nullable T> next;
  private final BooleanSupplier hasNext;
  private final Function<T, Mono<Void>> work;
  private final Disposable.Composite running;
  private final AtomicInteger active = new AtomicInteger();

  /**
   * @param most at once
   * @param next takes what is to be worked on; null when there is nothing
   * @param hasNext whether there may be something after all
   * @param work on one; does not fail
   * @param running what is under way is added to it; nothing is taken up once it is disposed of
   */
  Pump(
      int most,
      Supplier<@Nullable T> next,
      BooleanSupplier hasNext,
      Function<T, Mono<Void>> work,
      Disposable.Composite running) {
    this.most = most;
    this.next = next;
    this.hasNext = hasNext;
    this.work = work;
    this.running = running;
  }

  /** To be called whenever there is more to do. */
  void run() {
    while (!running.isDisposed() && takesPlace()) {
      T one = next.get();
      if (one != null) {
        begin(one);
        continue;
      }
      active.decrementAndGet();
      // Who brought more just now found the place taken, and left it to this.
      if (!hasNext.getAsBoolean()) {
        return;
      }
    }
  }

  private boolean takesPlace() {
    return active.getAndUpdate(n -> Math.min(n + 1, most)) < most;
  }

  private void begin(T one) {
    Disposable.Swap current = Disposables.swap();
    running.add(current);
    current.update(
        work.apply(one)
            .doFinally(
                signal -> {
                  running.remove(current);
                  active.decrementAndGet();
                  run();
                })
            .subscribe(null, null, null, FirstFailure.UNTIL_DISPOSED));
  }
}
