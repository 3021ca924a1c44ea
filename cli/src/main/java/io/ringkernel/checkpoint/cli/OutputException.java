package io.ringkernel.checkpoint.cli;

import java.io.IOException;
import java.io.Serial;
import java.util.Locale;

/** Standard output could not be written. */
final class OutputException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  private final boolean brokenPipe;

  OutputException(IOException cause) {
    super("standard output: " + cause.getMessage(), cause);
    String message = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
    this.brokenPipe = message.contains("broken pipe") || message.contains("epipe");
  }

  /** Whether the reader just went away, as {@code head} does: no failure of ours. */
  boolean isBrokenPipe() {
    return brokenPipe;
  }
}
