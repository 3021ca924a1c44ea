package io.ringkernel.checkpoint.error;

import java.io.Serial;

/**
 * A kernel that was saved, and stands still: its checkpoint is committed, but when it had been read
 * the kernel did not run on. Why is the cause.
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
            + "; nothing of it is lost: mend what keeps it and capture or restore it again, which"
            + " lets it run on if it can be stopped twice, or end it and restore another from there",
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
