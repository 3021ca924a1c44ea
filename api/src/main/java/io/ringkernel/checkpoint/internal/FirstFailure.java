package io.ringkernel.checkpoint.internal;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import java.util.function.Function;
import reactor.core.Exceptions;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Work side by side, of which the first failure ends all.
 *
 * <p>What was under way then is cancelled, and may fail as well before it notices: mostly for the
 * same reason, at the same moment. Reactor has nobody to tell such an error and logs it, or puts
 * several into one that tells of none. Here whatever fails later is suppressed in the first.
 */
public final class FirstFailure {
  private final AtomicReference<Throwable> first = new AtomicReference<>();

  private FirstFailure() {}

  /**
   * The results, in no particular order.
   *
   * @param items taken as there is room for their work
   * @param work has one result, or none
   * @param atOnce how much of it may be under way
   */
  public static <T, R> Flux<R> of(Flux<T> items, Function<T, Mono<R>> work, int atOnce) {
    return Flux.defer(
        () -> {
          FirstFailure failure = new FirstFailure();
          return items
              .onErrorResume(failure::told)
              .flatMap(item -> work.apply(item).onErrorResume(failure::told), atOnce, 1);
        });
  }

  /**
   * The results in the order of their items. A failure waits for none of them.
   *
   * @param items taken as there is room for their work
   * @param work has one result, which may be dropped, or none
   * @param atOnce how much of it may be under way
   */
  public static <T, R> Flux<R> inOrder(Flux<T> items, Function<T, Mono<R>> work, int atOnce) {
    return Flux.defer(
        () -> {
          FirstFailure failure = new FirstFailure();
          return items
              .onErrorResume(failure::told)
              .flatMapSequential(item -> work.apply(item).onErrorResume(failure::told), atOnce, 1);
        });
  }

  private <T> Mono<T> told(Throwable failure) {
    if (first.compareAndSet(null, failure)) {
      return Mono.error(failure);
    }
    suppress(failure, Objects.requireNonNull(first.get(), "it was set before"));
    return Mono.never();
  }

  private static void suppress(Throwable failure, Throwable first) {
    if (failure != first) {
      first.addSuppressed(failure);
    }
  }

  /**
   * A pair of results.
   *
   * @param first has one
   * @param second has one
   * @param pair makes one of both
   */
  public static <A, B, C> Mono<C> both(Mono<A> first, Mono<B> second, BiFunction<A, B, C> pair) {
    return Mono.zipDelayError(first, second)
        .onErrorMap(FirstFailure::in)
        .map(both -> pair.apply(both.getT1(), both.getT2()));
  }

  /** One error for several that came together: the first, with the others suppressed in it. */
  public static Throwable in(Throwable failures) {
    List<Throwable> all = Exceptions.unwrapMultiple(failures);
    Throwable first = all.get(0);
    all.stream().skip(1).forEach(other -> suppress(other, first));
    return first;
  }
}
