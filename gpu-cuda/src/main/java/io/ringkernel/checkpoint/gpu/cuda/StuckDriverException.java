package io.ringkernel.checkpoint.gpu.cuda;

import java.io.Serial;

/** Something on the device that did not come to its end in time. */
final class StuckDriverException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  StuckDriverException(String message) {
    super(message);
  }
}
