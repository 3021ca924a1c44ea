package io.ringkernel.checkpoint.gpu.cuda;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.error.CheckpointException;
import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import io.ringkernel.checkpoint.kernel.adapter.AdaptedState;
import io.ringkernel.checkpoint.kernel.adapter.Cancellation;
import io.ringkernel.checkpoint.kernel.adapter.Delivery;
import io.ringkernel.checkpoint.kernel.adapter.Halt;
import io.ringkernel.checkpoint.kernel.adapter.Turn;
import io.ringkernel.checkpoint.kernel.adapter.Visit;
import io.ringkernel.checkpoint.kernel.adapter.Wholeness;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Captures and restores of one kernel's state, one at a time: of the kernel that runs, or of one
 * that stands still for a cut.
 *
 * @param descriptor of the kernel
 * @param options of the adapter
 * @param device what the kernel needs of it
 * @param failures tells them
 * @param halt brings the kernel to stand still and lets it run on
 * @param wholeness whether its memory holds one state
 * @param turn lets one at a time work on the kernel
 */
record StateAccess(
    KernelDescriptor descriptor,
    CudaOptions options,
    Device device,
    Failures failures,
    Halt halt,
    Wholeness wholeness,
    Turn turn)
    implements AdaptedState {
  @Override
  public DeviceKernel with(Halt other, Turn otherTurn) {
    return new DeviceKernel(
        new StateAccess(descriptor, options, device, failures, other, wholeness, otherTurn));
  }

  @Override
  public Mono<Void> onThreads() {
    return device.threads().hop();
  }

  @Override
  public CheckpointException failure(KernelException.Phase phase, String what, Throwable cause) {
    return failures.of(phase, what, cause);
  }

  /** Whether the device finds out what changed. */
  boolean comparesOnDevice() {
    return device.comparableBlocks() > 0;
  }

  @Override
  public Visit visit(KernelException.Phase phase) {
    return new Visit(descriptor.kernelId(), phase, turn, device.uses(), wholeness);
  }

  /**
   * Captures it.
   *
   * @param base what to compare with; null for a full capture
   */
  Mono<Checkpoint> capture(@Nullable Checkpoint base) {
    Checkpoint with = comparesOnDevice() ? base : null;
    return Delivery.of(
        cancellation -> new CudaCapture(this, with, cancellation).run(), Checkpoint::close);
  }

  /** Replaces it. */
  Mono<Void> restore(Checkpoint checkpoint) {
    return Cancellation.of(cancellation -> new CudaRestore(this, checkpoint, cancellation).run());
  }
}
