package io.ringkernel.checkpoint.error;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** A delta whose base is missing or is not the one it was made from. */
public final class BaseMismatchException extends CheckpointException {
  @Serial private static final long serialVersionUID = 1L;

  private final String base;
  private final String reason;

  /**
   * @param base the id or name of the base
   * @param reason what is wrong with it
   * @param cause what found it, or null
   */
  public BaseMismatchException(String base, String reason, @Nullable Throwable cause) {
    super("base '" + base + "': " + reason, cause);
    this.base = base;
    this.reason = reason;
  }

  /** The id or name of the base. */
  public String base() {
    return base;
  }

  /** What is wrong with it, without its id or name. */
  public String reason() {
    return reason;
  }
}
