package io.ringkernel.checkpoint.error;

import java.io.Serial;

/** A second attempt at something whose source can be read only once. */
public final class SourceExhaustedException extends CheckpointException {
  @Serial private static final long serialVersionUID = 1L;

  /**
   * @param message what was attempted again, and how to make it repeatable
   */
  public SourceExhaustedException(String message) {
    super(message, null);
  }
}
