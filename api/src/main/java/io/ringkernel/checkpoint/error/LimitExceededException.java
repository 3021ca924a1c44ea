package io.ringkernel.checkpoint.error;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** A count, length or size above a limit of the format or of the options in force. */
public final class LimitExceededException extends ContentException {
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
    this(
        null,
        what,
        what
            + " "
            + Long.toUnsignedString(found)
            + " is above the limit of "
            + Long.toUnsignedString(limit)
            + "; "
            + advice,
        null);
  }

  private LimitExceededException(
      @Nullable String checkpoint, String what, String finding, @Nullable Throwable cause) {
    super(checkpoint, finding, cause);
    this.what = what;
  }

  @Override
  LimitExceededException named(String name) {
    return new LimitExceededException(name, what, finding(), this);
  }

  /**
   * The same in other words.
   *
   * @param finding what is wrong and what to do, without the name of the checkpoint
   */
  public LimitExceededException reworded(String finding) {
    return new LimitExceededException(checkpoint().orElse(null), what, finding, this);
  }

  /** The limit's name. */
  public String what() {
    return what;
  }
}
