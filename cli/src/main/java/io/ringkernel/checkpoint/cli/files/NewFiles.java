package io.ringkernel.checkpoint.cli.files;

import io.ringkernel.checkpoint.cli.text.Quantity;
import io.ringkernel.checkpoint.cli.text.RefusedException;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Files of one directory in the making, put in their places together once all are whole. Closed
 * before that, they leave nothing, nor do the directories that were made for them.
 */
public final class NewFiles implements AutoCloseable {
  private final Path directory;
  private final Deque<Path> made = new ArrayDeque<>();
  private final List<NewFile> files = new ArrayList<>();
  private boolean placed;

  private NewFiles(Path directory) {
    this.directory = directory;
  }

  /**
   * Begins in a directory, which is made if it is missing.
   *
   * @param directory where the files will be
   * @param bytes how much room they need
   */
  public static NewFiles in(Path directory, long bytes) throws IOException {
    NewFiles begun = new NewFiles(directory.toAbsolutePath().normalize());
    try {
      begun.make(begun.directory);
      long room = Files.getFileStore(begun.directory).getUsableSpace();
      if (bytes > room) {
        throw new RefusedException(
            "'"
                + directory
                + "' has room for "
                + Quantity.bytes(room)
                + ", not "
                + Quantity.bytes(bytes));
      }
      return begun;
    } catch (IOException | RuntimeException e) {
      begun.close();
      throw e;
    }
  }

  private void make(Path wanted) throws IOException {
    Deque<Path> missing = new ArrayDeque<>();
    for (Path path = wanted; path != null && !Files.exists(path); path = path.getParent()) {
      missing.push(path);
    }
    for (Path path : missing) {
      Files.createDirectory(path);
      made.push(path);
    }
    // Says what is wrong when it exists and is something else.
    Files.createDirectories(wanted);
  }

  /**
   * Begins one file.
   *
   * @param name one component of a path
   */
  public NewFile begin(String name) throws IOException {
    NewFile file = NewFile.replacing(directory.resolve(name));
    files.add(file);
    return file;
  }

  /**
   * Begins one file in a directory below, which is made if it is missing.
   *
   * @param below one component of a path
   * @param name one component of a path
   */
  public NewFile begin(String below, String name) throws IOException {
    Path path = directory.resolve(below);
    if (Files.isSymbolicLink(path)) {
      throw new RefusedException("'" + path + "' is a link, which is not followed");
    }
    make(path);
    NewFile file = NewFile.replacing(path.resolve(name));
    files.add(file);
    return file;
  }

  /** Puts all in their places, on stable media, instead of what was there. */
  public void place() throws IOException {
    for (NewFile file : files) {
      file.seal();
    }
    for (NewFile file : files) {
      file.move();
    }
    placed = true;
    Set<Path> forced = new HashSet<>();
    for (NewFile file : files) {
      if (forced.add(file.target().getParent())) {
        file.forceDirectory();
      }
    }
  }

  @Override
  public void close() throws IOException {
    for (NewFile file : files) {
      file.close();
    }
    if (placed) {
      return;
    }
    for (Path path : made) {
      try {
        Files.deleteIfExists(path);
      } catch (DirectoryNotEmptyException e) {
        // Somebody else uses it by now.
        return;
      }
    }
  }
}
