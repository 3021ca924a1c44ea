package io.ringkernel.checkpoint.cli.text;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** What a command can't do, said in one line: exit code 1. */
public final class RefusedException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

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
    super(message, cause);
  }
}
