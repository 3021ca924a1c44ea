package io.ringkernel.checkpoint.gpu.cuda;

import java.io.Serial;

/**
 * Something on the device that did not come to its end in time, before anybody knows which kernel
 * it was for. {@link Failures} makes the library's errors of it: nobody outside sees one.
 */
final class StuckDriverException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  private final boolean memoryLost;

  StuckDriverException(String message) {
    this(message, false);
  }

  /**
   * @param memoryLost whether the driver still has memory of the caller's
   */
  StuckDriverException(String message, boolean memoryLost) {
    super(message);
    this.memoryLost = memoryLost;
  }

  /** Whether the driver still has memory of the caller's. */
  boolean isMemoryLost() {
    return memoryLost;
  }
}
