package io.ringkernel.checkpoint.error;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/**
 * The storage or checkpointer that was asked has been closed. A call after the close was not begun.
 * Work under way was cancelled: whether a write was done by then, only the store can tell.
 *
 * <p>It is not a {@link StorageException}: nothing is wrong with the store, and trying again is no
 * use.
 */
public final class ClosedException extends CheckpointException {
  @Serial private static final long serialVersionUID = 1L;

  /**
   * @param message what was asked for, what is closed, and what to do
   */
  public ClosedException(String message) {
    this(message, null);
  }

  /**
   * @param message what was asked for, what is closed, and what to do
   * @param cause what found it, or null
   */
  public ClosedException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
