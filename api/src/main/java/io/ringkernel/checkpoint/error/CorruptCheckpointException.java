package io.ringkernel.checkpoint.error;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/**
 * Bytes that can't be what was written: a checksum that differs, a length that runs past the end, a
 * field with a value that the format forbids.
 *
 * <p>The offset is absolute in the object or file that was read, so that a hex viewer shows the
 * place.
 */
public final class CorruptCheckpointException extends CheckpointException {
  @Serial private static final long serialVersionUID = 1L;

  private final long offset;
  private final String reason;

  /**
   * @param offset where, in bytes from the start of what was read; unsigned
   * @param reason what is wrong there, without the offset
   */
  public CorruptCheckpointException(long offset, String reason) {
    this(offset, reason, null);
  }

  /**
   * @param offset where, in bytes from the start of what was read; unsigned
   * @param reason what is wrong there, without the offset
   * @param cause what found it, when that was another library
   */
  public CorruptCheckpointException(long offset, String reason, @Nullable Throwable cause) {
    super("corrupt at offset " + Long.toUnsignedString(offset) + ": " + reason, cause);
    this.offset = offset;
    this.reason = reason;
  }

  /** Where, in bytes from the start of what was read; unsigned. */
  public long offset() {
    return offset;
  }

  /** What is wrong there, without the offset. */
  public String reason() {
    return reason;
  }

  /**
   * The same finding, {@code base} bytes further on: for a part that was read as if it began at 0.
   */
  public CorruptCheckpointException shiftedBy(long base) {
    return new CorruptCheckpointException(base + offset, reason, this);
  }
}
