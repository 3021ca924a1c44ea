package io.ringkernel.checkpoint.kernel.adapter;

import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.kernel.CheckpointableKernel;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import reactor.core.publisher.Mono;

/** One kernel's state as an adapter works on it: through a halt, and in turns. */
public interface AdaptedState {
  /** The kernel's description. */
  KernelDescriptor descriptor();

  /** Brings the kernel to stand still and lets it run on. */
  Halt halt();

  /** Whether the kernel's memory holds one state. */
  Wholeness wholeness();

  /** A new visit: one piece of work on the kernel that has not begun. */
  Visit visit(KernelException.Phase phase);

  /**
   * The same state as a kernel of its own.
   *
   * @param other replaces {@link #halt}
   * @param turn the turns in which it is worked on
   */
  CheckpointableKernel with(Halt other, Turn turn);

  /**
   * Completes on a thread where hooks may be called: any thread, unless the adapter has threads for
   * them.
   */
  default Mono<Void> onThreads() {
    return Mono.empty();
  }

  /**
   * The error for something that failed on the way.
   *
   * @param phase what the kernel was asked to do
   * @param what what became of the kernel
   * @param cause the error that was found; returned as it is when it says everything already
   */
  Throwable failure(KernelException.Phase phase, String what, Throwable cause);
}
