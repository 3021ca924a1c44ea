package io.ringkernel.checkpoint.kernel.adapter;

import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.kernel.QuiescedKernel;
import reactor.core.publisher.Mono;

/** One way to a stop for a cut: the kernel runs on when it does not get there. */
final class Quiesce {
  private final AdaptedState state;
  private final Visit visit;
  private final Cancellation cancellation;
  private final Stop stop;

  Quiesce(AdaptedState state, Cancellation cancellation) {
    this.state = state;
    this.visit = state.visit(KernelException.Phase.QUIESCE);
    this.cancellation = cancellation;
    this.stop = new Stop(state, cancellation);
  }

  /** The kernel that stands still. To be left to run to its end. */
  Mono<QuiescedKernel> run() {
    return visit
        .enter()
        .then(Mono.defer(() -> cancellation.ends(visit.awaitTurn())))
        .then(state.onThreads())
        .then(stop.begin())
        .onErrorMap(
            e -> state.failure(KernelException.Phase.QUIESCE, "it did not come to a stop", e))
        .onErrorResume(e -> abort(e).then(Mono.error(e)))
        .then(Mono.fromSupplier(this::standing));
  }

  private QuiescedKernel standing() {
    visit.holdOpen();
    return new StandingKernel(state, visit::end);
  }

  /** Lets it run on after a failure or a cancellation. */
  private Mono<Void> abort(Throwable failure) {
    return stop.undo(failure).then(Mono.fromRunnable(visit::end));
  }
}
