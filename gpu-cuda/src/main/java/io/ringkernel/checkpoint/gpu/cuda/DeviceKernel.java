package io.ringkernel.checkpoint.gpu.cuda;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.HlcTimestamp;
import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.kernel.AdaptedKernel;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import io.ringkernel.checkpoint.kernel.QuiescedKernel;
import io.ringkernel.checkpoint.kernel.adapter.Delivery;
import io.ringkernel.checkpoint.kernel.adapter.Turn;
import reactor.core.publisher.Mono;

/** A kernel made of a description whose memory is a device's. */
final class DeviceKernel implements AdaptedKernel {
  private final KernelDescriptor descriptor;
  private final CudaOptions options;
  private final Device device;
  private final Failures failures;
  private final StateAccess state;
  private final Mono<Void> released;

  DeviceKernel(KernelDescriptor descriptor, CudaOptions options, Device device, Failures failures) {
    this.descriptor = descriptor;
    this.options = options;
    this.device = device;
    this.failures = failures;
    this.state =
        new StateAccess(
            descriptor,
            options,
            device,
            failures,
            new HookedHalt(descriptor, options, device, failures),
            new Turn(descriptor.kernelId(), options.waits()));
    this.released = Mono.defer(this::release).cache();
  }

  @Override
  public String kernelId() {
    return descriptor.kernelId();
  }

  @Override
  public String kernelType() {
    return descriptor.kernelType();
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
    return Delivery.of(
        cancellation -> {
          Turn.Lease lease = state.turn().new Lease(KernelException.Phase.CAPTURE);
          return new CudaQuiesce(state, lease, cancellation).run();
        },
        // A failure of one that nobody received goes to Reactor's log.
        unreceived -> unreceived.resume(HlcTimestamp.ZERO).subscribe());
  }

  /** How many pinned buffers and shadows are lent out now. */
  int open() {
    return device.open();
  }

  @Override
  public Mono<Void> close() {
    return Mono.defer(device.uses()::shut).timeout(options.timeout(), stillUsed()).then(released);
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
            e -> failures.of(KernelException.Phase.CLOSE, "not all of it could be given back", e))
        .doFinally(signal -> device.threads().dispose());
  }

  private Mono<Void> stillUsed() {
    return Mono.error(
        () ->
            failures.refused(
                KernelException.Phase.CLOSE,
                "it can't be closed: "
                    + device.uses().users()
                    + " of its checkpoints are open, or captures and restores under way"));
  }
}
