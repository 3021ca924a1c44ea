package io.ringkernel.checkpoint.core.host;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.HlcTimestamp;
import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.kernel.AdaptedKernel;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import io.ringkernel.checkpoint.kernel.QuiescedKernel;
import io.ringkernel.checkpoint.kernel.adapter.Cancellation;
import io.ringkernel.checkpoint.kernel.adapter.Delivery;
import io.ringkernel.checkpoint.kernel.adapter.Turn;
import io.ringkernel.checkpoint.kernel.adapter.UseCount;
import reactor.core.publisher.Mono;

/** A kernel made of a description whose memory the JVM can address. */
final class HostKernel implements AdaptedKernel {
  private final KernelDescriptor descriptor;
  private final HostOptions options;
  private final Turn turn;
  private final UseCount uses;
  private final ShadowMemory shadows;
  private final Runnable restored;

  HostKernel(KernelDescriptor descriptor, HostOptions options) {
    this(
        descriptor,
        options,
        new Turn(descriptor.kernelId(), options.waits()),
        new UseCount(),
        new ShadowMemory(options.shadowLimit()),
        () -> {});
  }

  /**
   * @param turn lets one at a time work on the kernel
   * @param uses of the shadows, by whoever works on the kernel
   * @param shadows shared with whoever else captures its memory
   * @param restored run when all of its state was written, before it runs on
   */
  HostKernel(
      KernelDescriptor descriptor,
      HostOptions options,
      Turn turn,
      UseCount uses,
      ShadowMemory shadows,
      Runnable restored) {
    this.descriptor = descriptor;
    this.options = options;
    this.turn = turn;
    this.uses = uses;
    this.shadows = shadows;
    this.restored = restored;
  }

  private Visit visit(KernelException.Phase phase) {
    return new Visit(descriptor.kernelId(), phase, turn, uses);
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
          Visit visit = visit(KernelException.Phase.CAPTURE);
          return new HostCapture(descriptor, options, visit, shadows, cancellation).run();
        },
        Checkpoint::close);
  }

  @Override
  public Mono<QuiescedKernel> quiesce() {
    return Delivery.of(
        cancellation -> {
          Visit visit = visit(KernelException.Phase.QUIESCE);
          return new HostQuiesce(descriptor, options, visit, uses, shadows, cancellation).run();
        },
        // A failure of one that nobody received goes to Reactor's log.
        unreceived -> unreceived.resume(HlcTimestamp.ZERO).subscribe());
  }

  @Override
  public Mono<Void> restoreFromCheckpoint(Checkpoint checkpoint) {
    return Cancellation.of(
        cancellation -> {
          Visit visit = visit(KernelException.Phase.RESTORE);
          return new HostRestore(descriptor, options, visit, checkpoint, restored, cancellation)
              .run();
        });
  }

  /** {@inheritDoc} Nothing native depends on it, so it waits as long as it takes. */
  @Override
  public Mono<Void> close() {
    return Mono.defer(uses::shut).then(Mono.fromRunnable(shadows::close));
  }
}
