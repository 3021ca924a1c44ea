package io.ringkernel.checkpoint.core.host;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.kernel.CheckpointableKernel;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

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
    return Mono.<Checkpoint>create(
            sink -> {
              Delivery delivery = new Delivery(sink);
              sink.onCancel(delivery);
              capture().contextWrite(sink.contextView()).subscribe(delivery);
            })
        .doOnDiscard(Checkpoint.class, Checkpoint::close);
  }

  private Mono<Checkpoint> capture() {
    return Mono.usingWhen(
        Mono.fromSupplier(
            () ->
                new HostCapture(
                    descriptor, options, turn.new Lease(KernelException.Phase.CAPTURE), shadows)),
        HostCapture::take,
        capture -> Mono.empty(),
        (capture, error) -> capture.abort(),
        HostCapture::abort);
  }

  @Override
  public Mono<Void> restoreFromCheckpoint(Checkpoint checkpoint) {
    return Mono.usingWhen(
        Mono.fromSupplier(
            () ->
                new HostRestore(
                    descriptor, turn.new Lease(KernelException.Phase.RESTORE), checkpoint)),
        HostRestore::run,
        HostRestore::end,
        (restore, error) -> restore.end(),
        HostRestore::end);
  }

  /** Hands a checkpoint over, or back: one that comes when nobody waits any more is discarded. */
  private static final class Delivery extends BaseSubscriber<Checkpoint> {
    private final MonoSink<Checkpoint> sink;

    Delivery(MonoSink<Checkpoint> sink) {
      this.sink = sink;
    }

    @Override
    protected void hookOnNext(Checkpoint checkpoint) {
      sink.success(checkpoint);
    }

    @Override
    protected void hookOnError(Throwable error) {
      sink.error(error);
    }
  }
}
