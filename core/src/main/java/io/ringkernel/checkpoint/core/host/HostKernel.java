package io.ringkernel.checkpoint.core.host;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.kernel.CheckpointableKernel;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;

/** A kernel made of a description whose memory the JVM can address. */
final class HostKernel implements CheckpointableKernel {
  private final KernelDescriptor descriptor;
  private final HostOptions options;
  private final Turn turn;
  private final ShadowMemory shadows;

  HostKernel(KernelDescriptor descriptor, HostOptions options) {
    this.descriptor = descriptor;
    this.options = options;
    this.turn = new Turn(descriptor.kernelId(), options.waits());
    this.shadows = new ShadowMemory(options.shadowLimit());
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
    return Mono.fromDirect(subscriber -> capture(Operators.toCoreSubscriber(subscriber)));
  }

  private void capture(CoreSubscriber<? super Checkpoint> subscriber) {
    Cancellation cancellation = new Cancellation();
    Delivery delivery = new Delivery(subscriber, cancellation::cancel);
    subscriber.onSubscribe(delivery);
    Turn.Lease lease = turn.new Lease(KernelException.Phase.CAPTURE);
    new HostCapture(descriptor, options, lease, shadows, cancellation)
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
          Turn.Lease lease = turn.new Lease(KernelException.Phase.RESTORE);
          new HostRestore(descriptor, lease, checkpoint, cancellation)
              .run()
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
}
