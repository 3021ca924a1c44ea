package io.ringkernel.checkpoint.tck.kernel;

/**
 * What a kernel declares of itself where the contract leaves a choice. Each choice has its own
 * tests: what is not declared is not skipped, the other choice is asked for.
 */
public enum KernelCapability {
  /** Runs on while a checkpoint of its is open; else it stands still until that is closed. */
  SHADOW,
  /** Captures again while an earlier checkpoint is open. */
  SEVERAL_OPEN,
  /** A capture or restore that finds another under way waits for its turn; else it is refused. */
  WAITS,
  /**
   * Reads and checks all of a checkpoint before it changes anything, so that a restore that fails
   * changes nothing and the kernel runs on; else it stands still after one that failed half-way.
   */
  STAGED_RESTORE,
  /**
   * Cancels the content that is being read when a restore is cancelled, and drops the memory it was
   * read into; else it waits for what is being read, since it is read into the kernel's own memory.
   */
  LETS_GO_OF_CONTENT,
  /** Knows of changes since a base; what {@code supportsIncremental} says. */
  INCREMENTAL,
  /**
   * Can be kept standing while others are captured or restored: it is a {@link
   * io.ringkernel.checkpoint.kernel.QuiescableKernel}.
   */
  QUIESCES
}
