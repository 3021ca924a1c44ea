package io.ringkernel.checkpoint.error;

import io.ringkernel.checkpoint.internal.Spans;
import java.io.Serial;
import java.time.Duration;

/** A capture that would have stopped its kernel, or did stop it, for longer than it was allowed. */
public final class StallBudgetException extends CheckpointException {
  @Serial private static final long serialVersionUID = 1L;

  private final String kernelId;
  private final Duration budget;
  private final Duration stall;

  /**
   * @param kernelId which kernel
   * @param budget the longest stall allowed
   * @param stall what was estimated or measured
   * @param message how it came to that, and what to do
   */
  public StallBudgetException(String kernelId, Duration budget, Duration stall, String message) {
    super(
        "kernel '"
            + kernelId
            + "': a stall of "
            + Spans.words(stall)
            + " is over the budget of "
            + Spans.words(budget)
            + ": "
            + message,
        null);
    this.kernelId = kernelId;
    this.budget = budget;
    this.stall = stall;
  }

  /** Which kernel. */
  public String kernelId() {
    return kernelId;
  }

  /** The longest stall allowed. */
  public Duration budget() {
    return budget;
  }

  /** What was estimated, if the kernel was not stopped, else measured. */
  public Duration stall() {
    return stall;
  }
}
