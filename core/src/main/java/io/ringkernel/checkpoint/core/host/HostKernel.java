package io.ringkernel.checkpoint.core.host;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.kernel.AdaptedKernel;
import io.ringkernel.checkpoint.kernel.QuiescedKernel;
import io.ringkernel.checkpoint.kernel.adapter.StandingKernel;
import reactor.core.publisher.Mono;

/** A kernel made of a description whose memory the JVM can address. */
final class HostKernel implements AdaptedKernel {
  private final StateAccess state;

  HostKernel(StateAccess state) {
    this.state = state;
  }

  @Override
  public String kernelId() {
    return state.descriptor().kernelId();
  }

  @Override
  public String kernelType() {
    return state.descriptor().kernelType();
  }

  @Override
  public Mono<Checkpoint> createCheckpoint() {
    return state.capture();
  }

  @Override
  public Mono<Void> restoreFromCheckpoint(Checkpoint checkpoint) {
    return state.restore(checkpoint);
  }

  @Override
  public Mono<QuiescedKernel> quiesce() {
    return StandingKernel.of(state);
  }

  /** {@inheritDoc} Nothing native depends on it, so it waits as long as it takes. */
  @Override
  public Mono<Void> close() {
    return Mono.defer(state.uses()::shut).then(Mono.fromRunnable(state.shadows()::close));
  }
}
