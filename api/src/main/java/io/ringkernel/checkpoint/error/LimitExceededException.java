package io.ringkernel.checkpoint.error;

import java.io.Serial;

/** A count, length or size above a limit of the format or of the options in force. */
public final class LimitExceededException extends CheckpointException {
  @Serial private static final long serialVersionUID = 1L;

  private final String what;

  /**
   * @param what the limit's name
   * @param found the value; unsigned
   * @param limit the largest value allowed; unsigned
   */
  public LimitExceededException(String what, long found, long limit) {
    this(what, found, limit, "raise the limit if this is what you mean");
  }

  /**
   * @param what the limit's name
   * @param found the value; unsigned
   * @param limit the largest value allowed; unsigned
   * @param advice what to do
   */
  public LimitExceededException(String what, long found, long limit, String advice) {
    super(
        what
            + " "
            + Long.toUnsignedString(found)
            + " is above the limit of "
            + Long.toUnsignedString(limit)
            + "; "
            + advice,
        null);
    this.what = what;
  }

  /**
   * The same, in other words.
   *
   * @param message what it was found in, what is wrong, and what to do
   * @param cause as it was found
   */
  public LimitExceededException(String message, LimitExceededException cause) {
    super(message, cause);
    this.what = cause.what;
  }

  /** The limit's name. */
  public String what() {
    return what;
  }
}
