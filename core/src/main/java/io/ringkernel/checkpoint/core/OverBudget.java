package io.ringkernel.checkpoint.core;

/** What becomes of a save whose kernel would stand still, or stood still, longer than allowed. */
public enum OverBudget {
  /**
   * The kernel is saved all the same, in the way that stops it for the shortest time; the receipt's
   * notes say so.
   */
  DEGRADE,
  /**
   * The save fails with {@link io.ringkernel.checkpoint.error.StallBudgetException}: before the
   * kernel is stopped if earlier captures show that it would take too long, else as soon as it did.
   * A save that succeeds kept its budget. For a kernel whose captures bring no {@link
   * io.ringkernel.checkpoint.CaptureReport}, the time from the call to the release counts, which is
   * at least its stall. So a save may be refused although it kept its budget, but never the other
   * way round.
   */
  REFUSE
}
