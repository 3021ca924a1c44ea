package io.ringkernel.checkpoint.storage.file;

import io.ringkernel.checkpoint.error.InvalidNameException;
import io.ringkernel.checkpoint.storage.StorageNames;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Where the objects of a store are: {@code a/b} is the file {@code ROOT/a/b.rkcp}, see {@link
 * FileName}.
 *
 * <p>Below the root no link is followed: a link is nothing of ours, so that what it leads to is not
 * found, and a save that it is in the way of is refused. This guards against links that lie in a
 * store, not against somebody who swaps directories for links while a call runs.
 */
final class StoreTree {
  /**
   * Where something is, or would be.
   *
   * @param file its path
   * @param state what is there, or null
   */
  record Place(Path file, @Nullable FileState state) {
    Path directory() {
      return Objects.requireNonNull(file.getParent(), "it is below the root");
    }

    private boolean is(FileName kind) {
      return state != null && (kind == FileName.OBJECT ? state.isFile() : state.isDirectory());
    }

    /** The object's state, or null when there is none. */
    @Nullable FileState object() {
      return is(FileName.OBJECT) ? state : null;
    }
  }

  private final Path root;
  private final CaseRule caseRule = new CaseRule();

  StoreTree(Path root) {
    this.root = root;
  }

  Path root() {
    return root;
  }

  /**
   * Checks a name, without any I/O.
   *
   * @return the name
   * @throws InvalidNameException also when a component is too long for a file system
   */
  static String requireValid(String name) {
    StorageNames.requireValid(name);
    String[] components = name.split("/", -1);
    for (int i = 0; i < components.length; i++) {
      FileName kind = i == components.length - 1 ? FileName.OBJECT : FileName.DIRECTORY;
      int length = kind.of(components[i]).length();
      if (length > FileName.MAX_BYTES) {
        throw new InvalidNameException(
            name,
            "a component takes "
                + length
                + " bytes as a file name, and "
                + FileName.MAX_BYTES
                + " is the most; use a shorter one");
      }
    }
    return name;
  }

  /** Looks for an object, and else says where it would be. */
  Place find(String name) throws IOException {
    int slash = name.lastIndexOf('/');
    Place at = directory(name.substring(0, Math.max(0, slash)));
    return child(at.file(), at.is(FileName.DIRECTORY), FileName.OBJECT, name.substring(slash + 1));
  }

  /**
   * Looks for a directory.
   *
   * @param components the beginning of names, without the last slash; empty for the root
   * @return its path, or null when it is missing or no directory
   */
  @Nullable Path findDirectory(String components) throws IOException {
    Place at = directory(components);
    return at.is(FileName.DIRECTORY) ? at.file() : null;
  }

  private Place directory(String components) throws IOException {
    // The root is what the user named: there, links are followed.
    Place at = new Place(root, new FileState(FileState.Kind.DIRECTORY, 0, 0, 0));
    for (String component : components.isEmpty() ? new String[0] : components.split("/", -1)) {
      at = child(at.file(), at.is(FileName.DIRECTORY), FileName.DIRECTORY, component);
    }
    return at;
  }

  /**
   * Makes the directories that lead to an object, durably. The store's lock must be held.
   *
   * @return the directory that the object is in
   */
  Path makeDirectories(String name) throws IOException {
    Path at = root;
    String[] components = name.split("/", -1);
    for (int i = 0; i < components.length - 1; i++) {
      Place next = child(at, true, FileName.DIRECTORY, components[i]);
      if (!next.is(FileName.DIRECTORY)) {
        CaseRule.requireNoTwin(at, FileName.DIRECTORY, components[i], name);
        try {
          Files.createDirectory(next.file());
        } catch (FileAlreadyExistsException e) {
          throw (IOException) new NotDirectoryException(next.file().toString()).initCause(e);
        }
        Directories.force(at);
      }
      at = next.file();
    }
    return at;
  }

  /** The first candidate that is there and of the right kind; else the canonical one. */
  private Place child(Path directory, boolean exists, FileName kind, String component)
      throws IOException {
    Path canonical = FilePaths.resolve(directory, kind.of(component));
    if (!exists) {
      return new Place(canonical, null);
    }
    Place first = look(canonical);
    return first.is(kind) ? first : otherwiseNamed(directory, kind, component, first);
  }

  /**
   * What somebody else put there; finding its names costs more than looking where ours would be.
   */
  private Place otherwiseNamed(Path directory, FileName kind, String component, Place first)
      throws IOException {
    for (String candidate : kind.candidates(component)) {
      Path other = resolveIfPossible(directory, candidate);
      Place found = other == null ? first : look(other);
      if (found.is(kind)) {
        return found;
      }
    }
    return first;
  }

  private Place look(Path path) throws IOException {
    FileState state = FileState.of(path);
    if (state == null) {
      requireNoFileForRoot();
      return new Place(path, null);
    }
    return new Place(path, caseRule.isExact(path, state) ? state : null);
  }

  /** JDK 25 tells what is below a file as missing, and JDK 17 that it is no directory. */
  private void requireNoFileForRoot() throws IOException {
    if (Files.isRegularFile(root)) {
      throw new NotDirectoryException(root.toString());
    }
  }

  private static @Nullable Path resolveIfPossible(Path directory, String fileName) {
    try {
      return FilePaths.resolve(directory, fileName);
    } catch (InvalidPathException e) {
      // A name that this file system can't have is not there either.
      return null;
    }
  }
}
