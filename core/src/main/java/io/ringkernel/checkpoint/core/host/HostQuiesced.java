package io.ringkernel.checkpoint.core.host;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.HlcTimestamp;
import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import io.ringkernel.checkpoint.kernel.QuiescedKernel;
import io.ringkernel.checkpoint.kernel.adapter.Resumption;
import io.ringkernel.checkpoint.kernel.adapter.Turn;
import io.ringkernel.checkpoint.kernel.adapter.UseCount;
import reactor.core.publisher.Mono;

/**
 * A host kernel that stands still. Captures and restores are those of a kernel of the same memory
 * whose hooks only note whether it may run on; resuming it takes that kernel's last turn.
 */
final class HostQuiesced implements QuiescedKernel {
  private final KernelDescriptor descriptor;
  private final HostHooks hooks;
  private final HostKernel standing;
  private final Resumption resumption;

  /** Being worked on, or left half restored: a capture then leaves it so. */
  private volatile boolean inUse;

  private volatile boolean inUseBefore;
  private volatile boolean ended;

  /**
   * @param uses of what the adapter made for the kernel
   * @param onEnd passes the kernel's turn on, when it runs on
   */
  HostQuiesced(
      KernelDescriptor descriptor,
      HostOptions options,
      UseCount uses,
      ShadowMemory shadows,
      Runnable onEnd) {
    this.descriptor = descriptor;
    this.hooks = new HostHooks(descriptor, options);
    Turn turn = new Turn(descriptor.kernelId(), true);
    this.resumption = new Resumption(turn, onEnd, this::stuck);
    this.standing =
        new HostKernel(
            withoutHooks(descriptor), options, turn, uses, shadows, () -> inUseBefore = false);
  }

  private KernelDescriptor withoutHooks(KernelDescriptor described) {
    return new KernelDescriptor(
        described.kernelId(),
        described.kernelType(),
        described.parts(),
        described.gridSize(),
        described.tileSize(),
        described.step(),
        described.hlc(),
        described.custom(),
        described.cut(),
        () -> Mono.fromRunnable(this::begin),
        () -> Mono.fromRunnable(() -> inUse = inUseBefore),
        described.options());
  }

  private void begin() {
    if (ended) {
      throw new IllegalStateException("it runs on already; quiesce it again");
    }
    inUseBefore = inUse;
    inUse = true;
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
  public HlcTimestamp hlc() {
    return descriptor.hlc().get();
  }

  @Override
  public Mono<Checkpoint> createCheckpoint() {
    return standing.createCheckpoint();
  }

  @Override
  public Mono<Void> restoreFromCheckpoint(Checkpoint checkpoint) {
    return standing.restoreFromCheckpoint(checkpoint);
  }

  @Override
  public Mono<Void> resume(HlcTimestamp cut) {
    return resumption.by(() -> runOn(cut));
  }

  private KernelException stuck(Throwable error) {
    return new KernelException(
        descriptor.kernelId(),
        KernelException.Phase.RESUME,
        "it could not run on: " + error.getMessage(),
        error);
  }

  private Mono<Void> runOn(HlcTimestamp cut) {
    ended = true;
    if (inUse) {
      // A restore failed half-way: it must not run on with half a state.
      return Mono.empty();
    }
    // It runs on also when its clock does not take the time.
    return Mono.whenDelayError(Mono.fromRunnable(() -> descriptor.cut().accept(cut)), hooks.go());
  }
}
