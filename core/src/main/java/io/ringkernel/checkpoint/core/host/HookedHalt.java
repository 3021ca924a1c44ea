package io.ringkernel.checkpoint.core.host;

import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import io.ringkernel.checkpoint.kernel.adapter.Halt;
import reactor.core.publisher.Mono;

/** By the hooks of a description, which take as long as they take. */
record HookedHalt(KernelDescriptor descriptor, Failures failures) implements Halt {
  @Override
  public Mono<Void> quiesce() {
    return Mono.defer(() -> descriptor.quiesce().get())
        .onErrorMap(
            e -> failures.of(KernelException.Phase.QUIESCE, "it did not come to a stop", e));
  }

  @Override
  public Mono<Void> resume() {
    return resume("it could not run on");
  }

  @Override
  public Mono<Void> runRestored() {
    return resume("it is restored but could not run on");
  }

  private Mono<Void> resume(String otherwise) {
    return Mono.defer(() -> descriptor.resume().get())
        .onErrorMap(e -> failures.of(KernelException.Phase.RESUME, otherwise, e));
  }
}
