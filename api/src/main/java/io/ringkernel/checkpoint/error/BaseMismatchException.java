package io.ringkernel.checkpoint.error;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** A delta whose base is missing or is not the one it was made from. */
public final class BaseMismatchException extends CheckpointException {
  @Serial private static final long serialVersionUID = 1L;

  private final String base;
  private final String reason;
  private final boolean missing;

  /**
   * @param base the id or name of the base
   * @param reason what is wrong with it
   * @param cause what found it, or null
   */
  public BaseMismatchException(String base, String reason, @Nullable Throwable cause) {
    this(base, reason, false, cause);
  }

  private BaseMismatchException(
      String base, String reason, boolean missing, @Nullable Throwable cause) {
    super("base '" + base + (missing ? "' is missing: " : "': ") + reason, cause);
    this.base = base;
    this.reason = reason;
    this.missing = missing;
  }

  /**
   * One that is not there: the delta itself may be whole.
   *
   * @param base the id or name of the base
   * @param reason where it was looked for, or what to do
   * @param cause what found it, or null
   */
  public static BaseMismatchException missing(
      String base, String reason, @Nullable Throwable cause) {
    return new BaseMismatchException(base, reason, true, cause);
  }

  /**
   * The same finding in other words.
   *
   * @param words what is wrong with the base, without its id or name
   */
  public BaseMismatchException reworded(String words) {
    return new BaseMismatchException(base, words, missing, this);
  }

  /** The id or name of the base. */
  public String base() {
    return base;
  }

  /** Whether it is not there; else it is, and is damaged or another one. */
  public boolean isMissing() {
    return missing;
  }

  /** What is wrong with it, without its id or name. */
  public String reason() {
    return reason;
  }
}
