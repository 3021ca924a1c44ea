package io.ringkernel.checkpoint.cli;

import io.ringkernel.checkpoint.cli.text.RefusedException;
import io.ringkernel.checkpoint.error.BaseMismatchException;
import io.ringkernel.checkpoint.error.CheckpointException;
import io.ringkernel.checkpoint.error.CheckpointNotFoundException;
import io.ringkernel.checkpoint.error.ContentException;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import io.ringkernel.checkpoint.error.InvalidOptionException;
import io.ringkernel.checkpoint.error.ProviderUnavailableException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Says in one line what went wrong. */
final class Failures {
  private static final String SUFFIX = ".rkcp";

  /** Storages and kernels that rkcp comes with: if one is missing, it is badly installed. */
  private static final Set<String> OWN_PROVIDERS =
      Set.of("file", "gs", "s3", "memory", "host", "cuda");

  private Failures() {}

  /** The failure itself if it is unchecked, else one that holds it. */
  static RuntimeException unchecked(@Nullable Throwable failure) {
    if (failure instanceof RuntimeException unchecked) {
      return unchecked;
    }
    if (failure instanceof Error error) {
      throw error;
    }
    if (failure instanceof IOException io) {
      return new UncheckedIOException(io);
    }
    return new IllegalStateException(failure);
  }

  /** Whether the command line named the wrong thing. */
  static boolean isWrongUsage(@Nullable Throwable failure) {
    return (failure instanceof RefusedException refused && refused.isWrongUsage())
        || (failure instanceof ProviderUnavailableException missing
            && !OWN_PROVIDERS.contains(missing.name()));
  }

  /** Whether the message says what is wrong but not with what. */
  static boolean isNameless(Throwable failure) {
    return failure instanceof BaseMismatchException
        || (failure instanceof ContentException content && content.checkpoint().isEmpty());
  }

  /**
   * Whether a checkpoint is damaged; one of a later release, above a limit, or whose base is not
   * there, may be whole.
   */
  static boolean isDamage(Throwable failure) {
    if (!(failure instanceof BaseMismatchException mismatch)) {
      return failure instanceof CorruptCheckpointException;
    }
    return !mismatch.isMissing() && isBaseDamaged(mismatch);
  }

  private static boolean isBaseDamaged(BaseMismatchException failure) {
    return !(failure.getCause() instanceof CheckpointException base)
        || !(base instanceof ContentException || base instanceof BaseMismatchException)
        || isDamage(base);
  }

  /** The engine can't know by which option. */
  private static boolean isWithoutBase(Throwable failure) {
    return String.valueOf(failure.getMessage()).endsWith("name the base");
  }

  /** Whoever verifies or restores a checkpoint of a store knows more, and has said it already. */
  private static boolean isInAnotherObject(CorruptCheckpointException failure) {
    if (failure.getCause() instanceof CorruptCheckpointException told) {
      // What was only named meanwhile says no more than before.
      return told.reason().equals(failure.reason())
          ? isInAnotherObject(told)
          : told.ancestor().isEmpty() && failure.ancestor().isPresent();
    }
    return failure.ancestor().isPresent();
  }

  /** For people, with the name of what it is about; not yet escaped. */
  static String message(String name, Throwable failure) {
    return (isNameless(failure) ? "'" + name + "': " : "") + message(failure);
  }

  /** What is wrong, without the word that an option is to blame. */
  static String reason(InvalidOptionException failure) {
    String message = String.valueOf(failure.getMessage());
    String option = "option '" + failure.option() + "': ";
    return message.startsWith(option) ? message.substring(option.length()) : message;
  }

  /** For people, not yet escaped. */
  static String message(Throwable failure) {
    if (failure instanceof InvalidOptionException invalid && invalid.option().equals("name")) {
      return reason(invalid);
    }
    if (failure instanceof BaseMismatchException && isWithoutBase(failure)) {
      return failure.getMessage() + " by --base of rkcp export, and copy that file";
    }
    if (failure instanceof CheckpointNotFoundException missing && missing.name().endsWith(SUFFIX)) {
      return failure.getMessage() + "; names in a store are without " + SUFFIX;
    }
    if (failure instanceof CorruptCheckpointException corrupt && isInAnotherObject(corrupt)) {
      return failure.getMessage() + "; rkcp verify --full shows which checkpoints are affected";
    }
    if (failure instanceof CheckpointException || failure instanceof RefusedException) {
      return String.valueOf(failure.getMessage());
    }
    if (failure instanceof UncheckedIOException && failure.getCause() != null) {
      return message(failure.getCause());
    }
    if (failure instanceof FileSystemException system) {
      return "'" + system.getFile() + "': " + reason(system);
    }
    if (failure instanceof InvalidPathException
        || failure instanceof FileNotFoundException
        || failure instanceof OutputException) {
      return String.valueOf(failure.getMessage());
    }
    if (failure instanceof CharacterCodingException) {
      return "text that is not UTF-8";
    }
    if (failure instanceof IOException) {
      return "input or output failed: " + failure.getMessage();
    }
    if (failure instanceof OutOfMemoryError) {
      return "out of memory (" + failure.getMessage() + "): give the JVM more by JAVA_OPTS";
    }
    return "internal error: " + failure + "; --debug shows where, please report it";
  }

  /** The JDK's file exceptions mostly have the path as their whole message. */
  private static String reason(FileSystemException failure) {
    if (failure instanceof NoSuchFileException) {
      return "no such file or directory";
    }
    if (failure instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (failure instanceof NotDirectoryException) {
      return "not a directory";
    }
    if (failure instanceof DirectoryNotEmptyException) {
      return "the directory is not empty";
    }
    if (failure instanceof FileAlreadyExistsException) {
      return "exists already and is no directory";
    }
    return failure.getReason() == null ? String.valueOf(failure) : failure.getReason();
  }
}
