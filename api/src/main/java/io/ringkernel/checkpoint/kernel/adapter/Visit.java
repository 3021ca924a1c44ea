package io.ringkernel.checkpoint.kernel.adapter;

import io.ringkernel.checkpoint.error.KernelException;
import reactor.core.publisher.Mono;

/**
 * One piece of work on a kernel: in its turn, and counted, so that the kernel is not closed
 * meanwhile.
 */
public final class Visit {
  private final String kernelId;
  private final KernelException.Phase phase;
  private final UseCount uses;
  private final Wholeness wholeness;
  private final Turn.Lease lease;
  private volatile boolean entered;

  /**
   * A visit that does nothing until it begins; it must be ended in any case.
   *
   * @param kernelId which kernel, for messages
   * @param phase what it is for
   * @param turn of the kernel; a quiesce takes the turn of a capture
   * @param uses of what the adapter made for the kernel
   * @param wholeness of the kernel
   */
  public Visit(
      String kernelId, KernelException.Phase phase, Turn turn, UseCount uses, Wholeness wholeness) {
    this.kernelId = kernelId;
    this.phase = phase;
    this.uses = uses;
    this.wholeness = wholeness;
    this.lease =
        turn
        .new Lease(
            phase == KernelException.Phase.RESTORE
                ? KernelException.Phase.RESTORE
                : KernelException.Phase.CAPTURE);
  }

  /** Begins the use of what the adapter made; fails when the kernel is closed. */
  public Mono<Void> enter() {
    return Mono.fromRunnable(
        () -> {
          entered = uses.enter();
          if (!entered) {
            throw new KernelException(kernelId, phase, "it is closed", null);
          }
        });
  }

  /**
   * Waits for the turn, once; fails when it is refused, or when a kernel is to be captured that a
   * restore has left half-way.
   */
  public Mono<Void> awaitTurn() {
    return lease
        .await()
        .then(
            Mono.fromRunnable(
                () -> {
                  if (phase == KernelException.Phase.CAPTURE && !wholeness.isWhole()) {
                    throw new KernelException(
                        kernelId,
                        phase,
                        "it stands still with parts of two states, since a restore ended half-way;"
                            + " restore it again",
                        null);
                  }
                }));
  }

  /** Says that from now on somebody else decides when this ends. */
  public void holdOpen() {
    lease.holdOpen();
  }

  /** Passes the turn on to the next visit; what the adapter made is still used. */
  public void passOn() {
    lease.release();
  }

  /** Ends the visit, even if it did not begin. Idempotent; not for several threads at once. */
  public void end() {
    lease.release();
    if (entered) {
      entered = false;
      uses.leave();
    }
  }
}
