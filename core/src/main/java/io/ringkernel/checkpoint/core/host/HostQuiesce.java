package io.ringkernel.checkpoint.core.host;

import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import io.ringkernel.checkpoint.kernel.QuiescedKernel;
import io.ringkernel.checkpoint.kernel.adapter.Cancellation;
import io.ringkernel.checkpoint.kernel.adapter.UseCount;
import reactor.core.publisher.Mono;

/** One way to a stop: it runs on when it does not get there. */
final class HostQuiesce {
  private final KernelDescriptor descriptor;
  private final HostOptions options;
  private final HostHooks hooks;
  private final Visit visit;
  private final UseCount uses;
  private final ShadowMemory shadows;
  private final Cancellation cancellation;
  private volatile boolean stopped;

  HostQuiesce(
      KernelDescriptor descriptor,
      HostOptions options,
      Visit visit,
      UseCount uses,
      ShadowMemory shadows,
      Cancellation cancellation) {
    this.descriptor = descriptor;
    this.options = options;
    this.hooks = new HostHooks(descriptor, options);
    this.visit = visit;
    this.uses = uses;
    this.shadows = shadows;
    this.cancellation = cancellation;
  }

  /** The kernel that stands still. To be left to run to its end. */
  Mono<QuiescedKernel> run() {
    return cancellation
        .ends(visit.begin())
        .then(Mono.defer(() -> cancellation.ends(stop())))
        .onErrorMap(
            e -> visit.failed(KernelException.Phase.QUIESCE, "it did not come to a stop", e))
        .onErrorResume(e -> abort(e).then(Mono.error(e)))
        .then(Mono.fromSupplier(this::standing));
  }

  private Mono<Void> stop() {
    stopped = true;
    return hooks.stop();
  }

  private QuiescedKernel standing() {
    visit.holdOpen();
    return new HostQuiesced(descriptor, options, uses, shadows, visit::end);
  }

  /** Lets it run on after a failure or a cancellation. */
  private Mono<Void> abort(Throwable failure) {
    Mono<Void> resume =
        hooks
            .go()
            .onErrorMap(e -> visit.failed(KernelException.Phase.RESUME, "it could not run on", e));
    return Mono.defer(() -> stopped ? cancellation.runOn(resume, failure) : Mono.empty())
        .then(Mono.fromRunnable(visit::end));
  }
}
