package io.ringkernel.checkpoint.cli.text;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** What a command can't do, said in one line: exit code 1, or 2 when it is asked for wrongly. */
public final class RefusedException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  private final boolean wrongUsage;

  /**
   * @param message what is wrong, with which name, and what to do
   */
  public RefusedException(String message) {
    this(message, null);
  }

  /**
   * @param message what is wrong, with which name, and what to do
   * @param cause what found it, or null
   */
  public RefusedException(String message, @Nullable Throwable cause) {
    this(message, cause, false);
  }

  private RefusedException(String message, @Nullable Throwable cause, boolean wrongUsage) {
    super(message, cause);
    this.wrongUsage = wrongUsage;
  }

  /**
   * What nobody can do, since the command line names the wrong thing.
   *
   * @param message what is wrong, with which name, and what to give instead
   */
  public static RefusedException wrongUsage(String message) {
    return new RefusedException(message, null, true);
  }

  /** Whether another command line is what it takes. */
  public boolean isWrongUsage() {
    return wrongUsage;
  }
}
