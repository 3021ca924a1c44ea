package io.ringkernel.checkpoint.kernel.adapter;

import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.kernel.CheckpointableKernel;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import reactor.core.publisher.Mono;

/** One kernel's state as an adapter works on it, by a halt and in turns. */
public interface AdaptedState {
  /** Of the kernel. */
  KernelDescriptor descriptor();

  /** Brings the kernel to stand still and lets it run on. */
  Halt halt();

  /** One's work on the kernel, that has not begun. */
  Visit visit(KernelException.Phase phase);

  /**
   * The same state as that of a kernel for itself.
   *
   * @param other in the place of {@link #halt}
   * @param turn of those who work on it then
   */
  CheckpointableKernel with(Halt other, Turn turn);

  /** Completes where hooks may be called. Anywhere, unless the adapter has threads for them. */
  default Mono<Void> onThreads() {
    return Mono.empty();
  }

  /**
   * Something that failed on the way.
   *
   * @param phase what the kernel was asked to do
   * @param what what became of the kernel
   * @param cause what was found; returned as it is when it says all already
   */
  Throwable failure(KernelException.Phase phase, String what, Throwable cause);
}
