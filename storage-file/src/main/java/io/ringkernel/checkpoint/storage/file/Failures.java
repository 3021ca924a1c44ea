package io.ringkernel.checkpoint.storage.file;

import io.ringkernel.checkpoint.error.StorageException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What to tell of a failed call of the operating system: name, path, reason, and what to do. */
final class Failures {
  /** A reason as systems word it, and what helps. */
  private record Advice(String reason, String help, boolean isTransient) {}

  private static final List<Advice> ADVICE =
      List.of(
          new Advice("no space left", "the disk is full: free some space", false),
          new Advice("not enough space", "the disk is full: free some space", false),
          new Advice("quota", "the quota is used up: free some space or raise it", false),
          new Advice(
              "file too large", "raise the limit on file sizes (ulimit -f) or split it", false),
          new Advice("read-only", "the file system is read-only: mount it for writing", false),
          new Advice(
              "name too long", "the path is too long: use a shorter name or directory", false),
          new Advice("too many open files", "raise the limit on open files (ulimit -n)", true),
          new Advice("no locks available", "the file system must support file locks", false),
          new Advice("not a directory", "a file or link stands where a directory must", false),
          new Advice("input/output error", "check the disk", false));

  private Failures() {}

  /**
   * A failure as a caller should see it: what the system reported becomes a {@link
   * StorageException}, all else stays.
   *
   * @param name what was asked for
   */
  static Throwable of(String name, Throwable failure) {
    return failure instanceof IOException e ? storage(name, null, e) : failure;
  }

  /**
   * @param name what was asked for
   * @param path what was touched, where the failure itself does not tell
   */
  static StorageException storage(String name, @Nullable Object path, IOException failure) {
    String where = String.valueOf(path);
    String reason = String.valueOf(failure.getMessage());
    if (failure instanceof FileSystemException e && e.getFile() != null) {
      where = e.getFile();
      reason = e.getReason() == null ? reasonOf(e) : e.getReason();
    }
    String place = where.equals("null") ? "" : where + ": ";
    if (failure instanceof AccessDeniedException) {
      return message(
          name, place + "permission denied", "let this user read and write there", false, failure);
    }
    String lower = reason.toLowerCase(Locale.ROOT);
    for (Advice advice : ADVICE) {
      if (lower.contains(advice.reason())) {
        return message(name, place + reason, advice.help(), advice.isTransient(), failure);
      }
    }
    return message(name, place + reason, "check the directory and its permissions", false, failure);
  }

  private static String reasonOf(FileSystemException failure) {
    if (failure instanceof NotDirectoryException || failure instanceof FileAlreadyExistsException) {
      return "not a directory";
    }
    return failure instanceof NoSuchFileException
        ? "no such file or directory"
        : failure.getClass().getSimpleName();
  }

  private static StorageException message(
      String name, String reason, String help, boolean isTransient, IOException cause) {
    // A listing of everything asks for no name.
    String asked = name.isEmpty() ? "" : "'" + name + "': ";
    return new StorageException(asked + reason + "; " + help, isTransient, cause);
  }
}
