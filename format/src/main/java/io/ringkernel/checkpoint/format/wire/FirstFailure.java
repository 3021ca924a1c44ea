package io.ringkernel.checkpoint.format.wire;

import java.util.function.BiFunction;
import java.util.function.Function;
import reactor.core.Exceptions;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Signal;

/**
 * Work side by side, of which the first failure ends all.
 *
 * <p>What was under way then is cancelled, and may fail as well before it notices: mostly for the
 * same reason, at the same moment. Reactor has nobody to tell such an error and logs it. Here a
 * failure is a value until it is the first, so that what comes too late is let go of in silence.
 */
public final class FirstFailure {
  private FirstFailure() {}

  /**
   * Does something with each item.
   *
   * @param items taken as there is room for their work
   * @param work has no result
   * @param atOnce how much of it may be under way
   */
  public static <T> Mono<Void> of(Flux<T> items, Function<T, Mono<Void>> work, int atOnce) {
    return items
        .flatMap(item -> work.apply(item).materialize(), atOnce, 1)
        .<Void>handle(
            (end, sink) -> {
              Throwable failure = end.getThrowable();
              if (failure != null) {
                sink.error(failure);
              }
            })
        .then();
  }

  /**
   * The results in the order of their work.
   *
   * @param work each has one result, which may be dropped
   * @param atOnce how much of it may be under way
   */
  public static <T> Flux<T> inOrder(Flux<Mono<T>> work, int atOnce) {
    return work.<Signal<T>>flatMapSequential(Mono::materialize, atOnce, 1).dematerialize();
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
        .onErrorMap(failures -> Exceptions.unwrapMultiple(failures).get(0))
        .map(both -> pair.apply(both.getT1(), both.getT2()));
  }
}
