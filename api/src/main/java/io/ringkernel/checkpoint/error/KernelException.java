package io.ringkernel.checkpoint.error;

import java.io.Serial;
import java.util.Locale;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * A kernel that could not be adapted, quiesced, captured, resumed, restored or closed, or that
 * refused a checkpoint.
 *
 * <p>If something took too long (the kernel did not answer, a transfer did not end), the cause is a
 * {@link java.util.concurrent.TimeoutException}, and the message says how long.
 */
public final class KernelException extends CheckpointException {
  @Serial private static final long serialVersionUID = 1L;

  /**
   * What the kernel was asked to do. More values may be added, so a {@code switch} needs a default.
   */
  public enum Phase {
    /** Turning a descriptor into a kernel. */
    ADAPT,
    /** Coming to a consistent point. */
    QUIESCE,
    /** Having its state taken. */
    CAPTURE,
    /** Running on. */
    RESUME,
    /** Taking a state over. */
    RESTORE,
    /** Giving back what was made for it. */
    CLOSE
  }

  private final String kernelId;
  private final Phase phase;
  private final String reason;
  private final @Nullable Integer deviceCode;

  /**
   * @param kernelId which kernel
   * @param phase what it was asked to do
   * @param message what went wrong and what state the kernel is in now
   * @param cause what found it, or null
   */
  public KernelException(String kernelId, Phase phase, String message, @Nullable Throwable cause) {
    this(kernelId, phase, message, null, cause);
  }

  /**
   * @param kernelId which kernel
   * @param phase what it was asked to do
   * @param message what went wrong and what state the kernel is in now
   * @param deviceCode the device driver's own error code, or null
   * @param cause what found it, or null
   */
  public KernelException(
      String kernelId,
      Phase phase,
      String message,
      @Nullable Integer deviceCode,
      @Nullable Throwable cause) {
    super(
        "kernel '"
            + kernelId
            + "', "
            + phase.name().toLowerCase(Locale.ROOT)
            + ": "
            + message
            + deviceError(deviceCode),
        cause);
    this.kernelId = kernelId;
    this.phase = phase;
    this.reason = message;
    this.deviceCode = deviceCode;
  }

  private static String deviceError(@Nullable Integer code) {
    return code == null ? "" : " (device error " + code + ")";
  }

  /** Which kernel. */
  public String kernelId() {
    return kernelId;
  }

  /** What it was asked to do. */
  public Phase phase() {
    return phase;
  }

  /** What went wrong, without the kernel, the phase and the device's error: for other messages. */
  public String reason() {
    return reason;
  }

  /** All of an error's message but a kernel that was named already. */
  static String withoutKernel(String kernelId, Throwable error) {
    return error instanceof KernelException known && known.kernelId.equals(kernelId)
        ? known.reason + deviceError(known.deviceCode)
        : String.valueOf(error.getMessage());
  }

  /** The device driver's own error code, when there is one. */
  public OptionalInt deviceCode() {
    return deviceCode == null ? OptionalInt.empty() : OptionalInt.of(deviceCode);
  }
}
