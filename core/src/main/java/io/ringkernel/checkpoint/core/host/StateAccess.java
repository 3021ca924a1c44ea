package io.ringkernel.checkpoint.core.host;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import io.ringkernel.checkpoint.kernel.adapter.AdaptedState;
import io.ringkernel.checkpoint.kernel.adapter.Cancellation;
import io.ringkernel.checkpoint.kernel.adapter.Delivery;
import io.ringkernel.checkpoint.kernel.adapter.Halt;
import io.ringkernel.checkpoint.kernel.adapter.Turn;
import io.ringkernel.checkpoint.kernel.adapter.UseCount;
import io.ringkernel.checkpoint.kernel.adapter.Visit;
import io.ringkernel.checkpoint.kernel.adapter.Wholeness;
import reactor.core.publisher.Mono;

/**
 * Captures and restores of one kernel's state, one at a time: of the kernel that runs, or of one
 * that stands still for a cut.
 *
 * @param descriptor of the kernel
 * @param options of the adapter
 * @param failures tells them
 * @param shadows shared by all who capture its memory
 * @param uses of the shadows, by whoever works on the kernel
 * @param halt brings the kernel to stand still and lets it run on
 * @param wholeness whether its memory holds one state
 * @param turn lets one at a time work on the kernel
 */
record StateAccess(
    KernelDescriptor descriptor,
    HostOptions options,
    Failures failures,
    ShadowMemory shadows,
    UseCount uses,
    Halt halt,
    Wholeness wholeness,
    Turn turn)
    implements AdaptedState {
  static StateAccess of(KernelDescriptor descriptor, HostOptions options) {
    Failures failures = new Failures(descriptor.kernelId());
    return new StateAccess(
        descriptor,
        options,
        failures,
        new ShadowMemory(options.shadowLimit()),
        new UseCount(),
        new HookedHalt(new HostHooks(descriptor, options), failures),
        new Wholeness(),
        new Turn(descriptor.kernelId(), options.waits()));
  }

  @Override
  public HostKernel with(Halt other, Turn otherTurn) {
    return new HostKernel(
        new StateAccess(descriptor, options, failures, shadows, uses, other, wholeness, otherTurn));
  }

  @Override
  public KernelException failure(KernelException.Phase phase, String what, Throwable cause) {
    return failures.of(phase, what, cause);
  }

  @Override
  public Visit visit(KernelException.Phase phase) {
    return new Visit(descriptor.kernelId(), phase, turn, uses, wholeness);
  }

  /** Captures it. */
  Mono<Checkpoint> capture() {
    return Delivery.of(
        cancellation -> new HostCapture(this, cancellation).run(), Checkpoint::close);
  }

  /** Replaces it. */
  Mono<Void> restore(Checkpoint checkpoint) {
    return Cancellation.of(cancellation -> new HostRestore(this, checkpoint, cancellation).run());
  }
}
