package io.ringkernel.checkpoint.gpu.cuda;

import java.util.concurrent.CancellationException;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * A subscriber's wish to end one capture or restore. It does not tear the work apart but ends what
 * waits, by an error that goes the way of all errors: so whatever was begun has begun before it is
 * undone.
 */
final class Cancellation {
  private final Sinks.Empty<Void> wished = Sinks.empty();
  private volatile boolean isWished;

  void cancel() {
    isWished = true;
    wished.tryEmitError(new CancellationException("it was cancelled"));
  }

  boolean isWished() {
    return isWished;
  }

  /**
   * The same until this is wished; then it is cancelled, and ends by an error.
   *
   * @param waiting subscribed to before the wish is looked at
   */
  Mono<Void> ends(Mono<Void> waiting) {
    return Mono.firstWithSignal(waiting, wished.asMono());
  }
}
