package io.ringkernel.checkpoint.error;

import java.io.Serial;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A group of kernels that could not be captured, saved or restored as a whole. The culprit's own
 * error is the cause; other errors are suppressed in it.
 */
public final class GroupException extends CheckpointException {
  @Serial private static final long serialVersionUID = 1L;

  private final String group;
  private final @Nullable String culprit;

  /**
   * @param group which group
   * @param culprit the id of the kernel that failed, or null when it was none of them
   * @param message what went wrong and what state the kernels are in now
   * @param cause the culprit's own error, or null
   */
  public GroupException(
      String group, @Nullable String culprit, String message, @Nullable Throwable cause) {
    super("group '" + group + "'" + named(culprit, message), cause);
    this.group = group;
    this.culprit = culprit;
  }

  /** A kernel's own error begins with its name: it need not be there twice. */
  private static String named(@Nullable String culprit, String message) {
    if (culprit == null) {
      return ": " + message;
    }
    String kernel = "kernel '" + culprit + "'";
    return ", " + (message.startsWith(kernel) ? "" : kernel + ": ") + message;
  }

  /** Which group. */
  public String group() {
    return group;
  }

  /** The id of the kernel that failed; empty when it was none of them. */
  public Optional<String> culprit() {
    return Optional.ofNullable(culprit);
  }
}
