package io.ringkernel.checkpoint.gpu.cuda;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.kernel.AdaptedKernel;
import io.ringkernel.checkpoint.kernel.QuiescedKernel;
import io.ringkernel.checkpoint.kernel.adapter.StandingKernel;
import reactor.core.publisher.Mono;

/** A kernel made of a description whose memory is a device's. */
final class DeviceKernel implements AdaptedKernel {
  private final StateAccess state;
  private final Device device;
  private final Mono<Void> released;

  DeviceKernel(StateAccess state) {
    this.state = state;
    this.device = state.device();
    this.released = Mono.defer(this::release).cache();
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
    return state.capture(null);
  }

  @Override
  public boolean supportsIncremental() {
    return state.comparesOnDevice();
  }

  @Override
  public Mono<Checkpoint> createIncrementalCheckpoint(Checkpoint base) {
    return state.capture(base);
  }

  @Override
  public Mono<Void> restoreFromCheckpoint(Checkpoint checkpoint) {
    return state.restore(checkpoint);
  }

  @Override
  public Mono<QuiescedKernel> quiesce() {
    return StandingKernel.of(state);
  }

  /** How many pinned buffers and shadows are lent out now. */
  int open() {
    return device.open();
  }

  @Override
  public Mono<Void> close() {
    return Mono.defer(device.uses()::shut)
        .timeout(state.options().timeout(), stillUsed())
        .then(released);
  }

  private Mono<Void> release() {
    return device
        .threads()
        .<Void>call(
            attempt -> {
              DriverException failure = device.close(attempt::enter);
              if (failure != null) {
                throw failure;
              }
              return null;
            })
        .onErrorMap(
            e -> state.failure(KernelException.Phase.CLOSE, "not all of it could be given back", e))
        .doFinally(signal -> device.threads().dispose());
  }

  private Mono<Void> stillUsed() {
    return Mono.error(
        () ->
            state
                .failures()
                .refused(
                    KernelException.Phase.CLOSE,
                    "it can't be closed: "
                        + device.uses().users()
                        + " of its checkpoints are open, or captures and restores under way"));
  }
}
