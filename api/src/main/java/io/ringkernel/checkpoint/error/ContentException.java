package io.ringkernel.checkpoint.error;

import java.io.Serial;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Content that can't be used: it is damaged, of a later version, above a limit, or compressed by a
 * codec that is not installed. The code that finds this may know only bytes; code that knows which
 * checkpoint they are of adds its name.
 */
public abstract sealed class ContentException extends CheckpointException
    permits CodecUnavailableException,
        CorruptCheckpointException,
        LimitExceededException,
        UnsupportedVersionException {
  @Serial private static final long serialVersionUID = 1L;

  private final @Nullable String checkpoint;
  private final String finding;

  /**
   * @param checkpoint its name, or null
   * @param finding what is wrong, without the name
   */
  ContentException(@Nullable String checkpoint, String finding, @Nullable Throwable cause) {
    super((checkpoint == null ? "" : "'" + checkpoint + "': ") + finding, cause);
    this.checkpoint = checkpoint;
    this.finding = finding;
  }

  /**
   * The name of the checkpoint that was read, which the message begins with; empty where only bytes
   * were known.
   */
  public Optional<String> checkpoint() {
    return Optional.ofNullable(checkpoint);
  }

  /** What is wrong and what to do: the message without the name of the checkpoint. */
  public String finding() {
    return finding;
  }

  /**
   * The same with the name of the checkpoint that was read. If it has a name already, it keeps
   * that.
   *
   * @param name under which it was found
   */
  public ContentException in(String name) {
    return checkpoint == null ? named(name) : this;
  }

  /** The same of a checkpoint, with this as its cause. */
  abstract ContentException named(String name);
}
