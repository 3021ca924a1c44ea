package io.ringkernel.checkpoint.core.host;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.HlcTimestamp;
import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import io.ringkernel.checkpoint.kernel.QuiescableKernel;
import io.ringkernel.checkpoint.kernel.QuiescedKernel;
import io.ringkernel.checkpoint.kernel.adapter.Cancellation;
import io.ringkernel.checkpoint.kernel.adapter.Delivery;
import io.ringkernel.checkpoint.kernel.adapter.Turn;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;

/** A kernel made of a description whose memory the JVM can address. */
final class HostKernel implements QuiescableKernel {
  private final KernelDescriptor descriptor;
  private final HostOptions options;
  private final Turn turn;
  private final ShadowMemory shadows;
  private final Runnable restored;

  HostKernel(KernelDescriptor descriptor, HostOptions options) {
    this(
        descriptor,
        options,
        new Turn(descriptor.kernelId(), options.waits()),
        new ShadowMemory(options.shadowLimit()),
        () -> {});
  }

  /**
   * @param turn lets one at a time work on the kernel
   * @param shadows shared with whoever else captures its memory
   * @param restored run when all of its state was written, before it runs on
   */
  HostKernel(
      KernelDescriptor descriptor,
      HostOptions options,
      Turn turn,
      ShadowMemory shadows,
      Runnable restored) {
    this.descriptor = descriptor;
    this.options = options;
    this.turn = turn;
    this.shadows = shadows;
    this.restored = restored;
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
    Delivery<Checkpoint> delivery =
        new Delivery<>(subscriber, cancellation::cancel, Checkpoint::close);
    subscriber.onSubscribe(delivery);
    Turn.Lease lease = turn.new Lease(KernelException.Phase.CAPTURE);
    new HostCapture(descriptor, options, lease, shadows, cancellation)
        .run()
        .contextWrite(subscriber.currentContext())
        .subscribe(delivery::give, delivery::fail);
  }

  @Override
  public Mono<QuiescedKernel> quiesce() {
    return Mono.fromDirect(subscriber -> quiesce(Operators.toCoreSubscriber(subscriber)));
  }

  private void quiesce(CoreSubscriber<? super QuiescedKernel> subscriber) {
    Cancellation cancellation = new Cancellation();
    // A failure of one that nobody received goes to Reactor's log.
    Delivery<QuiescedKernel> delivery =
        new Delivery<>(
            subscriber,
            cancellation::cancel,
            unreceived -> unreceived.resume(HlcTimestamp.ZERO).subscribe());
    subscriber.onSubscribe(delivery);
    Turn.Lease lease = turn.new Lease(KernelException.Phase.CAPTURE);
    new HostQuiesce(descriptor, options, lease, shadows, cancellation)
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
          new HostRestore(descriptor, lease, checkpoint, restored, cancellation)
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
