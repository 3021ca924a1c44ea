package io.ringkernel.checkpoint.error;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** What is stored under the name is not, or no longer, the version that the caller meant. */
public final class ChangedMeanwhileException extends CheckpointException {
  @Serial private static final long serialVersionUID = 1L;

  private final String name;

  /**
   * @param name the name that was used
   * @param expected the version that the caller meant
   * @param found the version that is there now, or null when nothing is
   */
  public ChangedMeanwhileException(String name, String expected, @Nullable String found) {
    super(
        "'"
            + name
            + "' changed meanwhile: expected version "
            + expected
            + ", found "
            + (found == null ? "nothing" : found)
            + "; read it again and decide anew",
        null);
    this.name = name;
  }

  /** The name that was used. */
  public String name() {
    return name;
  }
}
