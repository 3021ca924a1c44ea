package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.error.StallBudgetException;
import io.ringkernel.checkpoint.internal.Spans;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * How long a kernel may stand still.
 *
 * @param limit from the acknowledged quiesce to the resume; longer than zero
 * @param over what becomes of a save that is over it
 */
record StallBudget(Duration limit, OverBudget over) {
  /**
   * @throws IllegalArgumentException when the limit is not longer than zero
   */
  StallBudget {
    if (limit.isZero() || limit.isNegative()) {
      throw new IllegalArgumentException(
          "a stall budget must be longer than zero, not " + Spans.words(limit));
    }
    limit = Deadline.countable(limit);
  }

  boolean isOver(Duration stall) {
    return stall.compareTo(limit) > 0;
  }

  boolean refuses() {
    return over == OverBudget.REFUSE;
  }

  StallBudgetException measured(String kernelId, Duration stall) {
    return new StallBudgetException(
        kernelId,
        limit,
        stall,
        "measured; the kernel was let run on and nothing was saved; raise the budget, or let it"
            + " degrade");
  }

  StallBudgetException estimated(String kernelId, Duration stall) {
    return new StallBudgetException(
        kernelId,
        limit,
        stall,
        "estimated from earlier captures; the kernel was not stopped; give it more shadow memory,"
            + " raise the budget, or let it degrade");
  }

  /** Notes, with one more when a stall was over this. */
  List<String> noted(List<String> notes, Duration stall) {
    if (!isOver(stall)) {
      return notes;
    }
    List<String> told = new ArrayList<>(notes);
    told.add("the stall of " + Spans.words(stall) + " is over the budget of " + Spans.words(limit));
    return told;
  }
}
