package io.ringkernel.checkpoint.format.v2;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import reactor.core.publisher.Mono;

/**
 * Values that several readers ask for at once and that are loaded once for all of them.
 *
 * <p>The most recently used ones are remembered. A load that one reader cancels goes on for the
 * others; one that fails is forgotten, so that the next reader tries again.
 *
 * @param <K> names a value
 * @param <V> the value
 */
final class Shared<K, V> {
  private final Map<K, Mono<V>> recent;

  /**
   * @param capacity the most values remembered
   */
  Shared(int capacity) {
    this.recent =
        new LinkedHashMap<>(16, 0.75f, true) {
          private static final long serialVersionUID = 1L;

          @Override
          protected boolean removeEldestEntry(Map.Entry<K, Mono<V>> eldest) {
            return size() > capacity;
          }
        };
  }

  /**
   * A value, remembered or loaded.
   *
   * @param load gets it; subscribed once for all who ask at the same time
   */
  Mono<V> get(K key, Supplier<Mono<V>> load) {
    return Mono.defer(
        () -> {
          synchronized (recent) {
            return recent.computeIfAbsent(
                key, absent -> Mono.defer(load).doOnError(failure -> forget(key)).cache());
          }
        });
  }

  private void forget(K key) {
    synchronized (recent) {
      recent.remove(key);
    }
  }
}
