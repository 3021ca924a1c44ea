package io.ringkernel.checkpoint.core.host;

import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.kernel.adapter.Halt;
import reactor.core.publisher.Mono;

/** By the hooks of a description. */
record HookedHalt(HostHooks hooks, Failures failures) implements Halt {
  @Override
  public Mono<Void> quiesce() {
    return hooks
        .stop()
        .onErrorMap(
            e -> failures.of(KernelException.Phase.QUIESCE, "it did not come to a stop", e));
  }

  @Override
  public Mono<Void> resume() {
    return resume("it could not run on");
  }

  @Override
  public Mono<Void> runRestored() {
    return resume(
        "it is restored, and stands still until it is captured or restored again, since it could"
            + " not run on");
  }

  private Mono<Void> resume(String otherwise) {
    return hooks.go().onErrorMap(e -> failures.of(KernelException.Phase.RESUME, otherwise, e));
  }
}
