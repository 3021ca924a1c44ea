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
import reactor.core.publisher.Mono;

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
    return Delivery.of(
        cancellation -> {
          Turn.Lease lease = turn.new Lease(KernelException.Phase.CAPTURE);
          return new HostCapture(descriptor, options, lease, shadows, cancellation).run();
        },
        Checkpoint::close);
  }

  @Override
  public Mono<QuiescedKernel> quiesce() {
    return Delivery.of(
        cancellation -> {
          Turn.Lease lease = turn.new Lease(KernelException.Phase.CAPTURE);
          return new HostQuiesce(descriptor, options, lease, shadows, cancellation).run();
        },
        // A failure of one that nobody received goes to Reactor's log.
        unreceived -> unreceived.resume(HlcTimestamp.ZERO).subscribe());
  }

  @Override
  public Mono<Void> restoreFromCheckpoint(Checkpoint checkpoint) {
    return Cancellation.of(
        cancellation -> {
          Turn.Lease lease = turn.new Lease(KernelException.Phase.RESTORE);
          return new HostRestore(descriptor, lease, checkpoint, restored, cancellation).run();
        });
  }
}
