package io.ringkernel.checkpoint.error;

import java.io.Serial;

/** A save "only if absent" under a name that something is stored under already. */
public final class AlreadyExistsException extends CheckpointException {
  @Serial private static final long serialVersionUID = 1L;

  private final String name;

  /**
   * @param name the name that is taken
   */
  public AlreadyExistsException(String name) {
    this(name, "already exists; choose another name or allow it to be replaced");
  }

  /**
   * @param name the name that can't be used
   * @param reason what stands in the way
   */
  public AlreadyExistsException(String name, String reason) {
    super("'" + name + "': " + reason, null);
    this.name = name;
  }

  /** The name that is taken. */
  public String name() {
    return name;
  }
}
