package io.ringkernel.checkpoint.error;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/**
 * Memory of the caller's that a device may still read from or write to. It was given for a transfer
 * that did not end in time, and a transfer that a device has begun can't be called back.
 *
 * <p>All memory of that read, or of that checkpoint, must neither be used nor freed any more in
 * this process. This can only happen to memory that the caller has locked in place for the device:
 * no device accesses other memory.
 */
public final class MemoryLostException extends CheckpointException {
  @Serial private static final long serialVersionUID = 1L;

  private final String kernelId;

  /**
   * @param kernelId whose state was transferred
   * @param message which transfer, and what is known of it
   * @param cause what found it, or null
   */
  public MemoryLostException(String kernelId, String message, @Nullable Throwable cause) {
    super(
        "kernel '"
            + kernelId
            + "': memory is lost that was given for a transfer: "
            + message
            + "; the device may still use it: don't use it again, nor free it, in this process",
        cause);
    this.kernelId = kernelId;
  }

  /** Whose state was transferred. */
  public String kernelId() {
    return kernelId;
  }
}
