package io.ringkernel.checkpoint.core;

/**
 * A save of {@link Checkpointer#every(PeriodicSaves,
 * io.ringkernel.checkpoint.kernel.CheckpointableKernel)} that failed.
 *
 * @param error why
 * @param inARow how many have failed since the last that did not, this one included
 */
public record FailedSave(Throwable error, int inARow) {
  /**
   * Whether the same save may succeed later without anybody's help: its error is a {@link
   * io.ringkernel.checkpoint.error.StorageException} or a {@link
   * io.ringkernel.checkpoint.error.CommitStateUnknownException} that is transient.
   */
  public boolean isTransient() {
    return Failures.isTransient(error);
  }
}
