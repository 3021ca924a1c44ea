package io.ringkernel.checkpoint.error;

import java.io.Serial;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Bytes that can't be what was written: a checksum that differs, a length that runs past the end, a
 * field with a value that the format forbids.
 *
 * <p>The offset is absolute in the object or file that was read, so that a hex viewer shows the
 * place. If {@link #ancestor()} names an ancestor, the offset is in that object.
 */
public final class CorruptCheckpointException extends ContentException {
  @Serial private static final long serialVersionUID = 1L;

  private final long offset;
  private final String reason;
  private final @Nullable String ancestor;

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
    this(offset, reason, cause, null);
  }

  /**
   * @param offset where, in bytes from the start of what was read; unsigned
   * @param reason what is wrong there, without the offset
   * @param cause what found it, or null
   * @param ancestor the id of the older object that the offset is in, when what was read refers to
   *     blocks there; null when the offset is in what was read itself
   */
  public CorruptCheckpointException(
      long offset, String reason, @Nullable Throwable cause, @Nullable String ancestor) {
    this(offset, reason, cause, ancestor, null);
  }

  private CorruptCheckpointException(
      long offset,
      String reason,
      @Nullable Throwable cause,
      @Nullable String ancestor,
      @Nullable String checkpoint) {
    super(checkpoint, "corrupt at offset " + Long.toUnsignedString(offset) + ": " + reason, cause);
    this.offset = offset;
    this.reason = reason;
    this.ancestor = ancestor;
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
   * The id of the older object that the damage is in, and that the offset counts from; empty when
   * it is in what was read itself. Other checkpoints may have blocks in that object, too.
   */
  public Optional<String> ancestor() {
    return Optional.ofNullable(ancestor);
  }

  @Override
  public CorruptCheckpointException in(String name) {
    return (CorruptCheckpointException) super.in(name);
  }

  @Override
  CorruptCheckpointException named(String name) {
    return new CorruptCheckpointException(offset, reason, this, ancestor, name);
  }

  /**
   * The same finding in other words.
   *
   * @param words what is wrong there, without the offset
   */
  public CorruptCheckpointException reworded(String words) {
    return new CorruptCheckpointException(offset, words, this, ancestor, checkpoint().orElse(null));
  }

  /**
   * The same finding, {@code base} bytes further on: for a part that was read as if it began at 0.
   */
  public CorruptCheckpointException shiftedBy(long base) {
    return new CorruptCheckpointException(
        base + offset, reason, this, ancestor, checkpoint().orElse(null));
  }
}
