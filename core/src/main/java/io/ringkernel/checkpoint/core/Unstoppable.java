package io.ringkernel.checkpoint.core;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import reactor.core.publisher.Mono;

/**
 * Work that goes on to its end once it has begun, also when nobody waits for it any more; what it
 * needs is closed after it.
 */
final class Unstoppable {
  private final Map<Object, Mono<?>> underWay = new ConcurrentHashMap<>();

  /** Such work; begun anew with each subscription. */
  <T> Mono<T> of(Mono<T> work) {
    return Mono.defer(
        () -> {
          Object key = new Object();
          Mono<T> begun = work.doFinally(signal -> underWay.remove(key)).cache();
          underWay.put(key, begun);
          return begun;
        });
  }

  /** Completes when all that has begun by now has ended, however. */
  Mono<Void> ended() {
    return Mono.defer(
        () -> Mono.when(underWay.values().stream().map(Mono::onErrorComplete).toList()));
  }
}
