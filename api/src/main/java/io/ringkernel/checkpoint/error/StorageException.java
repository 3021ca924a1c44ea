package io.ringkernel.checkpoint.error;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/**
 * The storage could not do what was asked: a full disk, a lost connection, a missing permission.
 */
public final class StorageException extends CheckpointException {
  @Serial private static final long serialVersionUID = 1L;

  private final boolean isTransient;

  /**
   * @param message what was attempted, with which name, and what to do
   * @param isTransient whether the same call may succeed later without anybody's help
   * @param cause the storage's own error, or null
   */
  public StorageException(String message, boolean isTransient, @Nullable Throwable cause) {
    super(message, cause);
    this.isTransient = isTransient;
  }

  /**
   * Whether the same call may succeed later without anybody's help. If this is false for a write
   * that failed, nothing of the write is under way any more: a read tells whether it was done.
   */
  public boolean isTransient() {
    return isTransient;
  }
}
