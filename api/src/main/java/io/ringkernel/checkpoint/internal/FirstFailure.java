package io.ringkernel.checkpoint.internal;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import reactor.core.Exceptions;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;
import reactor.util.context.ContextView;

/**
 * Work side by side, of which the first failure ends all.
 *
 * <p>What was under way then is cancelled, and may fail as well before it notices: mostly for the
 * same reason, at the same moment. Reactor has nobody to tell such an error and logs it, or puts
 * several into one that tells of none. Here whatever fails later is suppressed in the first.
 */
public final class FirstFailure {
  /** Where Reactor looks for who takes an error that has nobody to go to. */
  private static final String ON_DROPPED = "reactor.onErrorDropped.local";

  /** For a subscription that is disposed of: nobody wants to know what fails from then on. */
  public static final Context UNTIL_DISPOSED = dropping(failure -> {});

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
    return endedBy(
        failure ->
            items
                .onErrorResume(failure::told)
                .flatMap(item -> work.apply(item).onErrorResume(failure::told), atOnce, 1));
  }

  /**
   * The results in the order of their items. A failure waits for none of them.
   *
   * @param items taken as there is room for their work
   * @param work has one result, which may be dropped, or none
   * @param atOnce how much of it may be under way
   */
  public static <T, R> Flux<R> inOrder(Flux<T> items, Function<T, Mono<R>> work, int atOnce) {
    return endedBy(
        failure ->
            items
                .onErrorResume(failure::told)
                .flatMapSequential(
                    item -> work.apply(item).onErrorResume(failure::told), atOnce, 1));
  }

  private static <R> Flux<R> endedBy(Function<FirstFailure, Flux<R>> work) {
    return Flux.deferContextual(
        outer -> {
          FirstFailure failure = new FirstFailure();
          return work.apply(failure).contextWrite(dropping(late -> failure.late(late, outer)));
        });
  }

  private static Context dropping(Consumer<Throwable> taker) {
    return Context.of(ON_DROPPED, taker);
  }

  private <T> Mono<T> told(Throwable failure) {
    if (first.compareAndSet(null, failure)) {
      return Mono.error(failure);
    }
    suppress(failure, Objects.requireNonNull(first.get(), "it was set before"));
    return Mono.never();
  }

  private void late(Throwable failure, ContextView outer) {
    Throwable known = first.get();
    if (known == null) {
      Operators.onErrorDropped(failure, Context.of(outer));
    } else {
      suppress(failure, known);
    }
  }

  /**
   * Suppresses a failure in the one that is told, unless they are the same: an error can't be
   * suppressed in itself, and somebody else's may come twice.
   *
   * @param also what went wrong besides
   * @param told what is told
   */
  public static void suppress(Throwable also, Throwable told) {
    if (also != told && also != told.getCause()) {
      told.addSuppressed(also);
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

  /**
   * Work that the failure of something beside it ends, and cancels: Reactor's {@code
   * takeUntilOther} cancels it when the other completes, but not when it fails.
   *
   * @param work of which what came before is given
   * @param other subscribed to first
   */
  public static <T> Flux<T> beside(Flux<T> work, Mono<?> other) {
    return Flux.defer(
        () -> {
          AtomicReference<Throwable> failure = new AtomicReference<>();
          return work.takeUntilOther(other.doOnError(failure::set).onErrorComplete())
              .concatWith(Mono.defer(() -> Mono.justOrEmpty(failure.get()).flatMap(Mono::error)));
        });
  }

  /**
   * Steps in their order, each done whatever became of those before it. It fails after the last.
   *
   * @param steps have no value
   */
  public static Mono<Void> oneByOne(Iterable<Mono<Void>> steps) {
    return Flux.concatDelayError(Flux.fromIterable(steps)).then().onErrorMap(FirstFailure::in);
  }

  /** One error for several that came together: the first, with the others suppressed in it. */
  public static Throwable in(Throwable failures) {
    List<Throwable> all = Exceptions.unwrapMultiple(failures);
    Throwable first = all.get(0);
    all.stream().skip(1).forEach(other -> suppress(other, first));
    return first;
  }
}
