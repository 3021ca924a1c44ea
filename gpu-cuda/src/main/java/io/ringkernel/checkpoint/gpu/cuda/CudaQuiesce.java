package io.ringkernel.checkpoint.gpu.cuda;

import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.kernel.QuiescedKernel;
import io.ringkernel.checkpoint.kernel.adapter.Cancellation;
import io.ringkernel.checkpoint.kernel.adapter.Turn;
import reactor.core.publisher.Mono;

/** One way to a stop for a cut: the kernel runs on when it does not get there. */
final class CudaQuiesce {
  private final StateAccess state;
  private final Turn.Lease lease;
  private final Cancellation cancellation;
  private volatile boolean entered;
  private volatile boolean stopped;

  CudaQuiesce(StateAccess state, Turn.Lease lease, Cancellation cancellation) {
    this.state = state;
    this.lease = lease;
    this.cancellation = cancellation;
  }

  /** The kernel that stands still. To be left to run to its end. */
  Mono<QuiescedKernel> run() {
    return Mono.fromRunnable(this::enter)
        .then(Mono.defer(() -> cancellation.ends(lease.await())))
        .then(state.device().threads().hop())
        .then(Mono.defer(() -> cancellation.ends(stop())))
        .onErrorMap(
            e -> state.failures().of(KernelException.Phase.QUIESCE, "it did not come to a stop", e))
        .onErrorResume(e -> abort(e).then(Mono.error(e)))
        .then(Mono.fromSupplier(this::standing));
  }

  private void enter() {
    entered = state.device().uses().enter();
    if (!entered) {
      throw state.failures().refused(KernelException.Phase.QUIESCE, "it is closed");
    }
  }

  private Mono<Void> stop() {
    stopped = true;
    return state.halt().quiesce();
  }

  private QuiescedKernel standing() {
    lease.holdOpen();
    return new CudaQuiesced(state, this::end);
  }

  /** Lets it run on after a failure or a cancellation. */
  private Mono<Void> abort(Throwable failure) {
    return Mono.defer(
            () -> stopped ? cancellation.runOn(state.halt().resume(), failure) : Mono.<Void>empty())
        .then(Mono.fromRunnable(this::end));
  }

  private void end() {
    lease.release();
    if (entered) {
      entered = false;
      state.device().uses().leave();
    }
  }
}
