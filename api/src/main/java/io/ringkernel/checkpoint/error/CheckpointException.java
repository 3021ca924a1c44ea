package io.ringkernel.checkpoint.error;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** The root of all failures this library reports. */
public abstract class CheckpointException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  /** For the types of this package: {@code message} is for people, {@code cause} is kept. */
  CheckpointException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
