package io.ringkernel.checkpoint.core.host;

import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import io.ringkernel.checkpoint.kernel.QuiescedKernel;
import reactor.core.publisher.Mono;

/** One way to a stop: it runs on when it does not get there. */
final class HostQuiesce {
  private final KernelDescriptor descriptor;
  private final HostOptions options;
  private final Turn.Lease lease;
  private final ShadowMemory shadows;
  private volatile boolean stopped;

  HostQuiesce(
      KernelDescriptor descriptor, HostOptions options, Turn.Lease lease, ShadowMemory shadows) {
    this.descriptor = descriptor;
    this.options = options;
    this.lease = lease;
    this.shadows = shadows;
  }

  /** The kernel that stands still. */
  Mono<QuiescedKernel> run() {
    return lease
        .await()
        .then(Mono.defer(this::stop))
        .onErrorMap(
            e -> !(e instanceof KernelException),
            e ->
                new KernelException(
                    descriptor.kernelId(),
                    KernelException.Phase.QUIESCE,
                    "it did not come to a stop: " + e.getMessage(),
                    e))
        .then(
            Mono.fromSupplier(
                () -> {
                  lease.holdOpen();
                  return new HostQuiesced(descriptor, options, lease, shadows);
                }));
  }

  private Mono<Void> stop() {
    stopped = true;
    return descriptor.quiesce().get();
  }

  /** Lets it run on after a failure or a cancellation. */
  Mono<Void> abort() {
    return Mono.defer(() -> stopped ? descriptor.resume().get() : Mono.<Void>empty())
        .onErrorComplete()
        .doFinally(signal -> lease.release());
  }
}
