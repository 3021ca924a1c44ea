package io.ringkernel.checkpoint.error;

import java.io.Serial;

/**
 * A kernel that was saved but stands still: its checkpoint is committed, but after its state had
 * been read the kernel did not run on. The cause says why.
 */
public final class StandingKernelException extends CheckpointException {
  @Serial private static final long serialVersionUID = 1L;

  private final String kernelId;
  private final String savedAs;

  /**
   * @param kernelId which kernel
   * @param savedAs the name of its checkpoint
   * @param cause why it stands still
   */
  public StandingKernelException(String kernelId, String savedAs, Throwable cause) {
    super(
        "kernel '"
            + kernelId
            + "' is saved as '"
            + savedAs
            + "', but stands still: "
            + KernelException.withoutKernel(kernelId, cause)
            + "; nothing is lost: remove what keeps it from running and capture or restore it again,"
            + " which lets it run on if it can be stopped twice, or end it and restore another kernel"
            + " from this checkpoint",
        cause);
    this.kernelId = kernelId;
    this.savedAs = savedAs;
  }

  /** Which kernel. */
  public String kernelId() {
    return kernelId;
  }

  /** The name under which its checkpoint is committed. */
  public String savedAs() {
    return savedAs;
  }
}
