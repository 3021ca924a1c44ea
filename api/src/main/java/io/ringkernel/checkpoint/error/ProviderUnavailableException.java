package io.ringkernel.checkpoint.error;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** A storage or kernel adapter that is not installed, can't be loaded, or is installed twice. */
public final class ProviderUnavailableException extends CheckpointException {
  @Serial private static final long serialVersionUID = 1L;

  private final String name;

  /**
   * @param name the scheme or name that was looked up
   * @param message what is missing, what is present, and which artifact to add
   * @param cause why a present provider could not be loaded, or null
   */
  public ProviderUnavailableException(String name, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.name = name;
  }

  /** The scheme or name that was looked up. */
  public String name() {
    return name;
  }
}
