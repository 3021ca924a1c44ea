package io.ringkernel.checkpoint.kernel.adapter;

import io.ringkernel.checkpoint.error.KernelException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * The way of a kernel that was kept standing back to running: after all that is still done where it
 * stands, once, to its end, whoever asks for it.
 */
public final class Resumption {
  private final Turn turn;
  private final Runnable onEnd;
  private final Function<Throwable, Throwable> wording;
  private final AtomicReference<@Nullable Mono<Void>> once = new AtomicReference<>();

  /**
   * Resumes nothing yet.
   *
   * @param turn of those who work on the kernel where it stands; the last one is taken
   * @param onEnd passes the kernel itself on, whatever came of it; run before anybody is told, so
   *     that the next capture finds it free
   * @param wording makes a failure one of this kernel's
   */
  public Resumption(Turn turn, Runnable onEnd, Function<Throwable, Throwable> wording) {
    this.turn = turn;
    this.onEnd = onEnd;
    this.wording = wording;
  }

  /**
   * Lets it run on, or tells how that went.
   *
   * @param runOn how; that of the first who asks counts
   */
  public Mono<Void> by(Supplier<Mono<Void>> runOn) {
    return Mono.defer(
        () -> {
          once.compareAndSet(null, remembered(runOn));
          return once.get();
        });
  }

  private Mono<Void> remembered(Supplier<Mono<Void>> runOn) {
    Turn.Lease last = turn.new Lease(KernelException.Phase.CAPTURE);
    return last.await()
        .then(Mono.defer(runOn))
        .onErrorMap(wording)
        .doOnTerminate(
            () -> {
              last.release();
              onEnd.run();
            })
        .cache();
  }
}
