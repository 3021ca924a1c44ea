package io.ringkernel.checkpoint.error;

import java.io.Serial;

/** Another writer has taken over this kernel; this one's commits are refused from now on. */
public final class StaleWriterException extends CheckpointException {
  @Serial private static final long serialVersionUID = 1L;

  private final String kernelId;

  /**
   * @param kernelId the kernel that both write for
   * @param ours the epoch this writer claimed; unsigned
   * @param current the epoch in the kernel's head; unsigned
   */
  public StaleWriterException(String kernelId, long ours, long current) {
    super(
        "kernel '"
            + kernelId
            + "': this writer's epoch "
            + Long.toUnsignedString(ours)
            + " is stale, the store is at epoch "
            + Long.toUnsignedString(current)
            + "; another writer took over: stop this one, or restore from the latest checkpoint first",
        null);
    this.kernelId = kernelId;
  }

  /** The kernel that both write for. */
  public String kernelId() {
    return kernelId;
  }
}
