package io.ringkernel.checkpoint.storage.file;

import io.ringkernel.checkpoint.error.AlreadyExistsException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Names that differ by case alone: some file systems take them for one, so none may hold both.
 *
 * <p>Where a file system does not tell case, a look-up finds what has another name; here that is
 * told by listing the directory.
 */
final class CaseRule {
  /** Whether the store's file system tells case; null until seen. */
  private volatile @Nullable Boolean sensitive;

  /**
   * Whether what was found under a path really has that name.
   *
   * @param state what was found
   */
  boolean isExact(Path path, FileState state) throws IOException {
    if (isSensitive(path, state)) {
      return true;
    }
    String wanted = FilePaths.fileName(path);
    AtomicBoolean found = new AtomicBoolean();
    try {
      Directories.forEach(
          Objects.requireNonNull(path.getParent(), "it is below the root"),
          entry -> found.compareAndSet(false, FilePaths.fileName(entry).equals(wanted)));
    } catch (NoSuchFileException e) {
      // The directory is gone meanwhile, and all that was in it.
      return false;
    }
    return found.get();
  }

  private boolean isSensitive(Path path, FileState state) throws IOException {
    Boolean known = sensitive;
    if (known == null) {
      String name = FilePaths.fileName(path);
      String swapped = swapCase(name);
      if (swapped.equals(name)) {
        return true;
      }
      FileState other = FileState.of(FilePaths.resolve(path.resolveSibling("."), swapped));
      known = other == null || other.inode() != state.inode();
      sensitive = known;
    }
    return known;
  }

  /** Of ASCII letters: enough to tell. */
  private static String swapCase(String name) {
    StringBuilder text = new StringBuilder(name.length());
    name.chars()
        .map(c -> (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ? c ^ 0x20 : c)
        .forEach(c -> text.append((char) c));
    return text.toString();
  }

  /**
   * Refuses a new name where there is one that differs from it by case alone.
   *
   * @param component the new one's, in {@code directory}
   * @param name the whole name, for the message
   */
  static void requireNoTwin(Path directory, FileName kind, String component, String name)
      throws IOException {
    String wanted = kind.of(component);
    boolean plain = isPlain(wanted);
    Directories.forEach(
        directory,
        entry -> {
          String found = FilePaths.fileName(entry);
          // Most names are plain ASCII: told apart without decoding them.
          boolean candidate = !plain || !isPlain(found) || found.equalsIgnoreCase(wanted);
          if (candidate && !found.equals(wanted) && isTwin(entry, found, kind, component)) {
            throw new AlreadyExistsException(
                name,
                "differs by case alone from what is stored as "
                    + entry
                    + "; not every file system can keep both, so use another name");
          }
        });
  }

  private static boolean isPlain(String fileName) {
    return FilePaths.isAscii(fileName) && fileName.indexOf('%') < 0;
  }

  private static boolean isTwin(Path entry, String found, FileName kind, String component)
      throws IOException {
    String other = kind.componentOf(found);
    if (other == null || other.equals(component) || !folded(other).equals(folded(component))) {
      return false;
    }
    FileState state = FileState.of(entry);
    return state != null && (kind == FileName.OBJECT ? state.isFile() : state.isDirectory());
  }

  /** Letter by letter, as {@link String#equalsIgnoreCase}, but for all code points. */
  private static String folded(String text) {
    StringBuilder folded = new StringBuilder(text.length());
    text.codePoints()
        .map(c -> Character.toLowerCase(Character.toUpperCase(c)))
        .forEach(folded::appendCodePoint);
    return folded.toString();
  }
}
