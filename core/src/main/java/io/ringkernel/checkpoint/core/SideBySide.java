package io.ringkernel.checkpoint.core;

import java.util.function.Function;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Work side by side that the first failure ends. Others fail at the same moment, for the same
 * reason: as errors Reactor would log them, or put several into one that tells of none.
 */
final class SideBySide {
  private SideBySide() {}

  /**
   * The results, in no particular order.
   *
   * @param work has one result, or none
   * @param atOnce how much of it may be under way
   */
  static <T, R> Flux<R> of(Flux<T> items, Function<T, Mono<R>> work, int atOnce) {
    return items
        .flatMap(item -> work.apply(item).materialize(), atOnce)
        .handle(
            (end, sink) -> {
              Throwable failure = end.getThrowable();
              R result = end.get();
              if (failure != null) {
                sink.error(failure);
              } else if (result != null) {
                sink.next(result);
              }
            });
  }
}
