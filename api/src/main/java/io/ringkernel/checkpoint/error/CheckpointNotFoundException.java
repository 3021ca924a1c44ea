package io.ringkernel.checkpoint.error;

import java.io.Serial;

/** Nothing is stored under this name, or of this kernel or group. */
public final class CheckpointNotFoundException extends CheckpointException {
  @Serial private static final long serialVersionUID = 1L;

  private final String name;

  /**
   * @param name the name that was asked for
   */
  public CheckpointNotFoundException(String name) {
    this(name, "nothing is stored under this name; list the store to see what is there");
  }

  /**
   * @param name the name that was asked for
   * @param reason what was searched for and where
   */
  public CheckpointNotFoundException(String name, String reason) {
    super("'" + name + "': " + reason, null);
    this.name = name;
  }

  /** The name that was asked for. */
  public String name() {
    return name;
  }
}
