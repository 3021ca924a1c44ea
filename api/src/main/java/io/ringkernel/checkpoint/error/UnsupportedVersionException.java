package io.ringkernel.checkpoint.error;

import java.io.Serial;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A file of a format version that this library does not read. */
public final class UnsupportedVersionException extends ContentException {
  @Serial private static final long serialVersionUID = 1L;

  private final long found;

  /**
   * @param found the version in the header; unsigned 32 bits
   * @param supported the versions this library reads
   */
  public UnsupportedVersionException(long found, List<Integer> supported) {
    this(
        null,
        found,
        "format version "
            + Long.toUnsignedString(found)
            + " is not supported; supported: "
            + supported
            + "; a newer release of this library may read it",
        null);
  }

  private UnsupportedVersionException(
      @Nullable String checkpoint, long found, String finding, @Nullable Throwable cause) {
    super(checkpoint, finding, cause);
    this.found = found;
  }

  @Override
  UnsupportedVersionException named(String name) {
    return new UnsupportedVersionException(name, found, finding(), this);
  }

  /**
   * The same in other words.
   *
   * @param finding what is wrong and what to do, without the name of the checkpoint
   */
  public UnsupportedVersionException reworded(String finding) {
    return new UnsupportedVersionException(checkpoint().orElse(null), found, finding, this);
  }

  /** The version that was found; unsigned. */
  public long found() {
    return found;
  }
}
