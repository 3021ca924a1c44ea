package io.ringkernel.checkpoint.storage.file;

import io.ringkernel.checkpoint.error.InvalidNameException;
import io.ringkernel.checkpoint.storage.StorageNames;
import io.ringkernel.checkpoint.storage.StoredObject;
import io.ringkernel.checkpoint.storage.blocking.BlockingSource;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The objects whose names begin with a prefix, in the order of the names.
 *
 * <p>A directory's entries are read when the walk enters it, and looked at one by one as they are
 * wanted. In a directory, an object {@code c} sorts as {@code c} and all that is in a directory
 * {@code c} as {@code c/}: so a walk in depth gives the order of whole names.
 */
final class NameWalk implements BlockingSource<StoredObject> {
  /**
   * A directory's entries that are still to come.
   *
   * @param prefix what their names begin with, empty or with a slash at its end
   * @param entries by component, as byte strings, with a slash behind those of directories
   */
  private record Level(String prefix, TreeMap<String, Path> entries) {}

  private final StoreTree tree;
  private final Deque<Level> levels = new ArrayDeque<>();

  private NameWalk(StoreTree tree) {
    this.tree = tree;
  }

  static NameWalk open(StoreTree tree, String prefix) throws IOException {
    NameWalk walk = new NameWalk(tree);
    int slash = prefix.lastIndexOf('/');
    Path directory = tree.findDirectory(prefix.substring(0, Math.max(0, slash)));
    if (directory != null) {
      walk.enter(
          directory, prefix.substring(0, slash + 1), FileName.bytesOf(prefix.substring(slash + 1)));
    }
    return walk;
  }

  private void enter(Path directory, String prefix, String beginning) throws IOException {
    TreeMap<String, Path> entries = new TreeMap<>();
    try {
      Directories.forEach(directory, entry -> add(entry, beginning, entries));
    } catch (NoSuchFileException | NotDirectoryException e) {
      // No root yet, or a directory that is gone meanwhile: nothing to list.
      return;
    }
    if (!entries.isEmpty()) {
      levels.push(new Level(prefix, entries));
    }
  }

  private static void add(Path entry, String beginning, Map<String, Path> entries) {
    String fileName = FilePaths.fileName(entry);
    FileName kind = fileName.endsWith(FileName.SUFFIX) ? FileName.OBJECT : FileName.DIRECTORY;
    String key = TemporaryFile.isTemporary(fileName) ? null : key(kind, fileName);
    if (key != null && key.startsWith(beginning)) {
      // Of two that are called the same, it is the canonical one that a look-up finds.
      entries.merge(key, entry, (one, other) -> kind.isCanonical(fileName) ? other : one);
    }
  }

  /** What an entry is called and sorted by; null when no name can have it. */
  private static @Nullable String key(FileName kind, String fileName) {
    String component = kind.componentOf(fileName);
    if (component == null) {
      return null;
    }
    return FileName.bytesOf(component) + (kind == FileName.DIRECTORY ? "/" : "");
  }

  @Override
  public @Nullable StoredObject next() throws IOException {
    while (!levels.isEmpty()) {
      Level level = levels.element();
      Map.Entry<String, Path> entry = level.entries().pollFirstEntry();
      if (entry == null) {
        levels.remove();
        continue;
      }
      StoredObject found = look(level, FileName.textOf(entry.getKey()), entry.getValue());
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  /** Gives the object, or enters the directory; neither when it is something else by now. */
  private @Nullable StoredObject look(Level level, String component, Path path) throws IOException {
    String name = level.prefix() + component;
    FileState state = FileState.of(path);
    if (state == null || !isLegal(name)) {
      return null;
    }
    if (component.endsWith("/")) {
      // A file that is not called like an object is none of ours.
      if (state.isDirectory()) {
        enter(path, name, "");
      }
      return null;
    }
    if (state.isDirectory()) {
      // Somebody's directory that is called like an object: its place in the order is yet to come.
      String key = key(FileName.DIRECTORY, FilePaths.fileName(path));
      if (key != null) {
        level.entries().putIfAbsent(key, path);
      }
    }
    boolean isOurs = state.isFile() && FileName.OBJECT.isCanonical(FilePaths.fileName(path));
    // Others may have put several there that are called the same: it is the one that is found.
    FileState found = isOurs ? state : tree.find(name).object();
    return found == null ? null : found.describe(name);
  }

  /** A tree that somebody else made may be deeper than names can be. */
  private static boolean isLegal(String name) {
    try {
      StorageNames.requireValidPrefix(name);
      return true;
    } catch (InvalidNameException e) {
      return false;
    }
  }
}
