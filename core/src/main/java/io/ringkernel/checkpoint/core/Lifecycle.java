package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.error.ClosedException;
import io.ringkernel.checkpoint.internal.FirstFailure;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import reactor.core.Exceptions;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * Counts what is under way; refuses what comes after the end was announced, and cancels what is
 * under way by the end itself.
 */
final class Lifecycle {
  private final Sinks.Empty<Void> announcement = Sinks.empty();
  private final Sinks.Empty<Void> idle = Sinks.empty();
  private final Sinks.Empty<Void> ending = Sinks.empty();
  private final Sinks.Empty<Void> ended = Sinks.empty();
  private final AtomicInteger underWay = new AtomicInteger();
  private volatile boolean announced;

  <T> Mono<T> guard(Supplier<Mono<T>> work) {
    return Mono.defer(
        () ->
            begins()
                ? untilTheEnd(() -> work.get().flux()).next().doFinally(signal -> ends())
                : Mono.error(closed()));
  }

  <T> Flux<T> guardMany(Supplier<Flux<T>> work) {
    return Flux.defer(
        () -> begins() ? untilTheEnd(work).doFinally(signal -> ends()) : Flux.error(closed()));
  }

  private <T> Flux<T> untilTheEnd(Supplier<Flux<T>> work) {
    Mono<Void> failure = ending.asMono().then(Mono.error(Lifecycle::closed));
    return Flux.defer(() -> FirstFailure.beside(work.get(), failure))
        // What went on side by side may fail at the same moment: nobody could tell of what.
        .onErrorMap(Exceptions::isMultiple, FirstFailure::in);
  }

  /** Counted before it is looked whether it may begin: what was not seen then is refused. */
  private boolean begins() {
    underWay.incrementAndGet();
    if (announced) {
      ends();
      return false;
    }
    return true;
  }

  private void ends() {
    if (underWay.decrementAndGet() == 0 && announced) {
      idle.tryEmitEmpty();
    }
  }

  /**
   * Refuses what comes from now on; idempotent.
   *
   * @return completes when nothing is under way any more
   */
  Mono<Void> announceEnd() {
    announced = true;
    announcement.tryEmitEmpty();
    if (underWay.get() == 0) {
      idle.tryEmitEmpty();
    }
    return idle.asMono();
  }

  /** Completes when what goes on by itself should come to an end. */
  Mono<Void> announcement() {
    return announcement.asMono();
  }

  /** Fails at that moment, as what comes later does. */
  <T> Mono<T> refusal() {
    return announcement.asMono().then(Mono.error(Lifecycle::closed));
  }

  /**
   * Ends: cancels what is under way; idempotent.
   *
   * @return completes when all of it was cancelled, by whomever: what it needs to clean up must not
   *     be closed before
   */
  Mono<Void> end() {
    announced = true;
    if (ending.tryEmitEmpty().isSuccess()) {
      ended.tryEmitEmpty();
    }
    return ended.asMono();
  }

  private static ClosedException closed() {
    return new ClosedException("this checkpointer was closed; open another");
  }
}
