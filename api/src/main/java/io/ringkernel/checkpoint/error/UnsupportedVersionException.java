package io.ringkernel.checkpoint.error;

import java.io.Serial;
import java.util.List;

/** A file of a format version that this library does not read. */
public final class UnsupportedVersionException extends CheckpointException {
  @Serial private static final long serialVersionUID = 1L;

  private final long found;

  /**
   * @param found the version in the header; unsigned 32 bits
   * @param supported the versions this library reads
   */
  public UnsupportedVersionException(long found, List<Integer> supported) {
    super(
        "format version "
            + Long.toUnsignedString(found)
            + " is not supported; supported: "
            + supported
            + "; a newer release of this library may read it",
        null);
    this.found = found;
  }

  /**
   * The same, in other words.
   *
   * @param message what it was found in, what is wrong, and what to do
   * @param cause as it was found
   */
  public UnsupportedVersionException(String message, UnsupportedVersionException cause) {
    super(message, cause);
    this.found = cause.found;
  }

  /** The version that was found; unsigned. */
  public long found() {
    return found;
  }
}
