package io.ringkernel.checkpoint.cli.files;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Failures of files, told with the name that the user gave: systems name a temporary file, or, when
 * a disk is full, none at all.
 */
final class NamedFailure {
  private NamedFailure() {}

  /**
   * The failure of a file that is to be written.
   *
   * @param target as the user named it
   * @param failure of whatever was tried on the way to it
   */
  static IOException of(Path target, IOException failure) {
    if (failure instanceof ClosedChannelException) {
      return failure;
    }
    FileSystemException named =
        failure instanceof AccessDeniedException
            ? new AccessDeniedException(target.toString())
            : new FileSystemException(target.toString(), null, reason(failure));
    named.initCause(failure);
    return named;
  }

  /** What the system says. */
  static String reason(IOException failure) {
    if (failure instanceof NoSuchFileException) {
      return "there is no such directory";
    }
    return failure instanceof FileSystemException system && system.getReason() != null
        ? system.getReason()
        : String.valueOf(failure.getMessage());
  }
}
