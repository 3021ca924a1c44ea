package io.ringkernel.checkpoint.format.wire;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import reactor.core.publisher.Mono;

/**
 * Work whose memory must not be taken away while it runs: a transfer into pooled memory, a native
 * codec at work. A cancel reaches its subscriber at once and the work as a question that it asks
 * between two steps; the work itself ends in its own time and then gives its memory back.
 */
public final class Uncancellable {
  private Uncancellable() {}

  /**
   * Runs work to an end of its own choosing.
   *
   * @param work gets the question whether its result is still wanted; a value that comes too late
   *     is discarded by the hooks of the context, an error is dropped
   */
  public static <T> Mono<T> of(Function<BooleanSupplier, Mono<T>> work) {
    return Mono.create(
        sink -> {
          AtomicBoolean unwanted = new AtomicBoolean();
          sink.onCancel(() -> unwanted.set(true));
          work.apply(unwanted::get)
              .contextWrite(sink.contextView())
              .subscribe(
                  sink::success,
                  error -> {
                    if (!unwanted.get()) {
                      sink.error(error);
                    }
                  },
                  sink::success);
        });
  }
}
