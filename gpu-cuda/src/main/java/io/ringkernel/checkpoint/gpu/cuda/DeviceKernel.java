package io.ringkernel.checkpoint.gpu.cuda;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import io.ringkernel.checkpoint.kernel.adapter.Cancellation;
import io.ringkernel.checkpoint.kernel.adapter.Delivery;
import io.ringkernel.checkpoint.kernel.adapter.Turn;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;

/** A kernel made of a description whose memory is a device's. */
final class DeviceKernel implements CudaKernel {
  private final KernelDescriptor descriptor;
  private final CudaOptions options;
  private final Device device;
  private final Failures failures;
  private final Halt halt;
  private final Turn turn;
  private final Mono<Void> released;

  DeviceKernel(KernelDescriptor descriptor, CudaOptions options, Device device, Failures failures) {
    this.descriptor = descriptor;
    this.options = options;
    this.device = device;
    this.failures = failures;
    this.halt = new Halt(descriptor, options, device, failures);
    this.turn = new Turn(descriptor.kernelId(), options.waits());
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
    return capture(null);
  }

  @Override
  public boolean supportsIncremental() {
    return device.comparableBlocks() > 0;
  }

  @Override
  public Mono<Checkpoint> createIncrementalCheckpoint(Checkpoint base) {
    return capture(supportsIncremental() ? base : null);
  }

  private Mono<Checkpoint> capture(@Nullable Checkpoint base) {
    return Mono.fromDirect(subscriber -> capture(base, Operators.toCoreSubscriber(subscriber)));
  }

  private void capture(@Nullable Checkpoint base, CoreSubscriber<? super Checkpoint> subscriber) {
    Cancellation cancellation = new Cancellation();
    Delivery<Checkpoint> delivery =
        new Delivery<>(subscriber, cancellation::cancel, Checkpoint::close);
    subscriber.onSubscribe(delivery);
    Turn.Lease lease = turn.new Lease(KernelException.Phase.CAPTURE);
    new CudaCapture(device, halt, descriptor, failures, lease, base, cancellation)
        .run()
        .contextWrite(subscriber.currentContext())
        .subscribe(delivery::give, delivery::fail);
  }

  @Override
  public Mono<Void> restoreFromCheckpoint(Checkpoint checkpoint) {
    return Mono.create(
        sink -> {
          Cancellation cancellation = new Cancellation();
          sink.onCancel(cancellation::cancel);
          restore(checkpoint, cancellation)
              .contextWrite(sink.contextView())
              .subscribe(
                  nothing -> {},
                  error -> {
                    // Who cancelled is told nothing.
                    if (!cancellation.isWished()) {
                      sink.error(error);
                    }
                  },
                  sink::success);
        });
  }

  private Mono<Void> restore(Checkpoint checkpoint, Cancellation cancellation) {
    Turn.Lease lease = turn.new Lease(KernelException.Phase.RESTORE);
    RestorePlan plan = new RestorePlan(descriptor, checkpoint);
    return new CudaRestore(device, halt, failures, lease, plan, options.readFirst(), cancellation)
        .run();
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
            e -> failures.of(KernelException.Phase.ADAPT, "not all of it could be given back", e))
        .doFinally(signal -> device.threads().dispose());
  }

  private Mono<Void> stillUsed() {
    return Mono.error(
        () ->
            failures.refused(
                KernelException.Phase.ADAPT,
                "it can't be closed: "
                    + device.uses().users()
                    + " of its checkpoints are open, or captures and restores under way"));
  }
}
