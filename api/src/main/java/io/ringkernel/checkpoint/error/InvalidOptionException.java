package io.ringkernel.checkpoint.error;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/**
 * An option in a URI, on a command line or in a kernel's description that is unknown, missing, or
 * has an unusable value.
 */
public final class InvalidOptionException extends CheckpointException {
  @Serial private static final long serialVersionUID = 1L;

  private final String option;

  /**
   * @param option the option's name
   * @param reason what is wrong with it and what is allowed
   * @param cause what found it, or null
   */
  public InvalidOptionException(String option, String reason, @Nullable Throwable cause) {
    super("option '" + option + "': " + reason, cause);
    this.option = option;
  }

  /** The option's name. */
  public String option() {
    return option;
  }
}
