package io.ringkernel.checkpoint.error;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/**
 * A device that can't be used any more in this process: what was in its memory is gone, and so are
 * all kernels on it. Restore the newest checkpoint on another device or in a new process.
 *
 * <p>If a transfer ends with this error, the caller's memory that was given for it and is locked in
 * place for the device is lost as well: see {@link MemoryLostException}.
 */
public final class DeviceLostException extends CheckpointException {
  @Serial private static final long serialVersionUID = 1L;

  private final String kernelId;
  private final int deviceCode;

  /**
   * @param kernelId whose state was on it
   * @param message what was under way and what the driver said
   * @param deviceCode the device driver's own error code
   * @param cause what found it, or null
   */
  public DeviceLostException(
      String kernelId, String message, int deviceCode, @Nullable Throwable cause) {
    super(
        "kernel '"
            + kernelId
            + "': its device is lost: "
            + message
            + " (device error "
            + deviceCode
            + "); restore the newest checkpoint on another device or in a new process",
        cause);
    this.kernelId = kernelId;
    this.deviceCode = deviceCode;
  }

  /** Whose state was on the device. */
  public String kernelId() {
    return kernelId;
  }

  /** The device driver's own error code. */
  public int deviceCode() {
    return deviceCode;
  }
}
