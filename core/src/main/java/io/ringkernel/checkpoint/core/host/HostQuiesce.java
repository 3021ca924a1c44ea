package io.ringkernel.checkpoint.core.host;

import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import io.ringkernel.checkpoint.kernel.QuiescedKernel;
import io.ringkernel.checkpoint.kernel.adapter.Cancellation;
import io.ringkernel.checkpoint.kernel.adapter.Turn;
import reactor.core.publisher.Mono;

/** One way to a stop: it runs on when it does not get there. */
final class HostQuiesce {
  private final KernelDescriptor descriptor;
  private final HostOptions options;
  private final Turn.Lease lease;
  private final ShadowMemory shadows;
  private final Cancellation cancellation;
  private volatile boolean stopped;

  HostQuiesce(
      KernelDescriptor descriptor,
      HostOptions options,
      Turn.Lease lease,
      ShadowMemory shadows,
      Cancellation cancellation) {
    this.descriptor = descriptor;
    this.options = options;
    this.lease = lease;
    this.shadows = shadows;
    this.cancellation = cancellation;
  }

  /** The kernel that stands still. To be left to run to its end. */
  Mono<QuiescedKernel> run() {
    return cancellation
        .ends(lease.await())
        .then(Mono.defer(() -> cancellation.ends(stop())))
        .onErrorMap(
            e -> !(e instanceof KernelException),
            e ->
                new KernelException(
                    descriptor.kernelId(),
                    KernelException.Phase.QUIESCE,
                    "it did not come to a stop: " + e.getMessage(),
                    e))
        .onErrorResume(e -> abort().then(Mono.error(e)))
        .then(Mono.fromSupplier(this::standing));
  }

  private Mono<Void> stop() {
    stopped = true;
    return Mono.defer(() -> descriptor.quiesce().get());
  }

  private QuiescedKernel standing() {
    lease.holdOpen();
    return new HostQuiesced(descriptor, options, lease, shadows);
  }

  /** Lets it run on after a failure or a cancellation. */
  private Mono<Void> abort() {
    return Mono.defer(() -> stopped ? descriptor.resume().get() : Mono.<Void>empty())
        .onErrorComplete()
        .then(Mono.fromRunnable(lease::release));
  }
}
