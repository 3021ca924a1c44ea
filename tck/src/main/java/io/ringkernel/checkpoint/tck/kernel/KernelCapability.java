package io.ringkernel.checkpoint.tck.kernel;

/**
 * What a kernel declares of itself where the contract leaves a choice. Each choice has its own
 * tests: if a capability is not declared, no test is skipped; the other choice is required instead.
 */
public enum KernelCapability {
  /** Runs on while its checkpoint is open; else it stands still until the checkpoint is closed. */
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
   * Cancels the content that is being read when a restore is cancelled, and drops the memory that
   * it was read into; else it waits for the read, because that goes into the kernel's own memory.
   */
  LETS_GO_OF_CONTENT,
  /** Knows of changes since a base, as {@code supportsIncremental} says. */
  INCREMENTAL,
  /**
   * Can be kept standing while others are captured or restored: it is a {@link
   * io.ringkernel.checkpoint.kernel.QuiescableKernel}.
   */
  QUIESCES
}
