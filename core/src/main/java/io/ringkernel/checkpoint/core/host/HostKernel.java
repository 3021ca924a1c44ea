package io.ringkernel.checkpoint.core.host;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.HlcTimestamp;
import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import io.ringkernel.checkpoint.kernel.QuiescableKernel;
import io.ringkernel.checkpoint.kernel.QuiescedKernel;
import reactor.core.publisher.Mono;

/** A kernel made of a description whose memory the JVM can address. */
final class HostKernel implements QuiescableKernel {
  private final KernelDescriptor descriptor;
  private final HostOptions options;
  private final Turn turn;
  private final ShadowMemory shadows;

  HostKernel(KernelDescriptor descriptor, HostOptions options) {
    this(
        descriptor,
        options,
        new Turn(descriptor.kernelId(), options.waits()),
        new ShadowMemory(options.shadowLimit()));
  }

  /**
   * @param turn lets one at a time work on the kernel
   * @param shadows shared with whoever else captures its memory
   */
  HostKernel(KernelDescriptor descriptor, HostOptions options, Turn turn, ShadowMemory shadows) {
    this.descriptor = descriptor;
    this.options = options;
    this.turn = turn;
    this.shadows = shadows;
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
    return Handover.of(capture(), Checkpoint::close);
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
  public Mono<QuiescedKernel> quiesce() {
    Mono<QuiescedKernel> quiesce =
        Mono.usingWhen(
            Mono.fromSupplier(
                () ->
                    new HostQuiesce(
                        descriptor,
                        options,
                        turn.new Lease(KernelException.Phase.CAPTURE),
                        shadows)),
            HostQuiesce::run,
            done -> Mono.empty(),
            (failed, error) -> failed.abort(),
            HostQuiesce::abort);
    // A failure of one that nobody received goes to Reactor's log.
    return Handover.of(quiesce, unreceived -> unreceived.resume(HlcTimestamp.ZERO).subscribe());
  }

  @Override
  public Mono<Void> restoreFromCheckpoint(Checkpoint checkpoint) {
    return Mono.usingWhen(
        Mono.fromSupplier(
            () ->
                new HostRestore(
                    descriptor, turn.new Lease(KernelException.Phase.RESTORE), checkpoint)),
        HostRestore::run,
        HostRestore::finish,
        (restore, error) -> restore.abort(),
        HostRestore::abort);
  }
}
