package io.ringkernel.checkpoint.core;

/** What becomes of a save whose kernel would stand still, or stood still, longer than allowed. */
public enum OverBudget {
  /** It is saved all the same, in the way that stops it least; the receipt's notes tell. */
  DEGRADE,
  /**
   * It fails with {@link io.ringkernel.checkpoint.error.StallBudgetException}: before the kernel is
   * stopped when earlier captures tell that it would take too long, else as soon as it did. A save
   * that succeeds kept its budget. Of a kernel whose captures bring no {@link
   * io.ringkernel.checkpoint.CaptureReport} the time from the call to the release counts, which is
   * at least its stall: it may be refused though it kept its budget, never the other way round.
   */
  REFUSE
}
