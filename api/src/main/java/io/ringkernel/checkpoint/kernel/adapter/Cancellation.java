package io.ringkernel.checkpoint.kernel.adapter;

import io.ringkernel.checkpoint.internal.FirstFailure;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.core.publisher.Sinks;
import reactor.util.context.Context;

/**
 * A subscriber's wish to end one capture or restore. It does not interrupt the work but ends what
 * waits, by an error that is handled like any other: so whatever was begun has begun before it is
 * undone.
 */
public final class Cancellation {
  private final Sinks.Empty<Void> wished = Sinks.empty();
  private volatile boolean isWished;

  /** Not wished yet. */
  Cancellation() {}

  /**
   * Work without a value that each subscription begins anew and that runs to its end. A subscriber
   * that cancels only wishes the work to end soon, and gets no signal.
   *
   * @param work called with the wish
   */
  public static Mono<Void> of(Function<Cancellation, Mono<Void>> work) {
    return Mono.create(
        sink -> {
          Cancellation cancellation = new Cancellation();
          AtomicBoolean gone = new AtomicBoolean();
          sink.onCancel(
              () -> {
                gone.set(true);
                cancellation.cancel();
              });
          work.apply(cancellation)
              .contextWrite(sink.contextView())
              .subscribe(
                  nothing -> {},
                  error -> {
                    if (!gone.get()) {
                      sink.error(error);
                    }
                  },
                  sink::success);
        });
  }

  /** Makes the wish, as the work itself may too. Idempotent. */
  public void cancel() {
    isWished = true;
    wished.tryEmitError(new CancellationException("it was cancelled"));
  }

  /** Whether the end is wished. */
  public boolean isWished() {
    return isWished;
  }

  /**
   * The same work until the end is wished; then it is cancelled, and ends with an error.
   *
   * @param waiting subscribed to before the wish is checked
   */
  public Mono<Void> ends(Mono<Void> waiting) {
    return Mono.firstWithSignal(waiting, wished.asMono());
  }

  /**
   * Lets a kernel run on after a failure. If the kernel does not run on, that error is suppressed
   * in the failure. If the end was wished, nobody receives either, and the error goes to Reactor's
   * log.
   *
   * @param resume how, once
   * @param failure to be signalled when this has completed
   * @return never fails
   */
  public Mono<Void> runOn(Mono<Void> resume, Throwable failure) {
    return Mono.deferContextual(
        context ->
            resume.onErrorResume(
                stuck -> {
                  FirstFailure.suppress(stuck, failure);
                  if (isWished) {
                    Operators.onErrorDropped(stuck, Context.of(context));
                  }
                  return Mono.empty();
                }));
  }
}
