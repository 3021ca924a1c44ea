package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.error.ClosedException;
import io.ringkernel.checkpoint.internal.FirstFailure;
import java.util.function.Supplier;
import reactor.core.Exceptions;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** Refuses what comes after the end, and cancels what is under way by then. */
final class Lifecycle {
  private final Sinks.Empty<Void> ending = Sinks.empty();
  private volatile boolean ended;

  <T> Mono<T> guard(Supplier<Mono<T>> work) {
    return guardMany(() -> work.get().flux()).next();
  }

  <T> Flux<T> guardMany(Supplier<Flux<T>> work) {
    Mono<Void> failure = ending.asMono().then(Mono.error(Lifecycle::closed));
    return Flux.defer(() -> ended ? Flux.error(closed()) : FirstFailure.beside(work.get(), failure))
        // What went on side by side may fail at the same moment: nobody could tell of what.
        .onErrorMap(Exceptions::isMultiple, FirstFailure::in);
  }

  /** Ends; idempotent. */
  void end() {
    ended = true;
    ending.tryEmitEmpty();
  }

  private static ClosedException closed() {
    return new ClosedException("this checkpointer was closed; open another");
  }
}
