package io.ringkernel.checkpoint.core.host;

import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.kernel.adapter.Turn;
import io.ringkernel.checkpoint.kernel.adapter.UseCount;
import reactor.core.publisher.Mono;

/** One's work on a kernel: in its turn, and counted, so that the kernel is not closed meanwhile. */
final class Visit {
  private final String kernelId;
  private final KernelException.Phase phase;
  private final UseCount uses;
  private final Turn.Lease lease;
  private volatile boolean entered;

  /**
   * @param kernelId which kernel, for messages
   * @param phase what it is for
   * @param turn of the kernel; one comes to a stop in the turn of a capture
   * @param uses of what the adapter made for the kernel
   */
  Visit(String kernelId, KernelException.Phase phase, Turn turn, UseCount uses) {
    this.kernelId = kernelId;
    this.phase = phase;
    this.uses = uses;
    this.lease =
        turn
        .new Lease(
            phase == KernelException.Phase.RESTORE
                ? KernelException.Phase.RESTORE
                : KernelException.Phase.CAPTURE);
  }

  /** Waits for the turn; fails when the kernel is closed, or the turn is refused. */
  Mono<Void> begin() {
    return Mono.defer(
        () -> {
          entered = uses.enter();
          return entered
              ? lease.await()
              : Mono.error(new KernelException(kernelId, phase, "it is closed", null));
        });
  }

  /** A failure as one of this kernel; what is one already stays as it is. */
  KernelException failed(KernelException.Phase when, String what, Throwable cause) {
    return cause instanceof KernelException known
        ? known
        : new KernelException(kernelId, when, what + ": " + cause.getMessage(), cause);
  }

  /** From now on it depends on somebody else when this ends. */
  void holdOpen() {
    lease.holdOpen();
  }

  /** Lets the next one begin; what the adapter made is still used. */
  void passOn() {
    lease.release();
  }

  /** Ends it, also one that did not begin. Idempotent; not for several threads at once. */
  void end() {
    lease.release();
    if (entered) {
      entered = false;
      uses.leave();
    }
  }
}
