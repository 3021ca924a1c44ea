package io.ringkernel.checkpoint.storage.file;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** Directories: durable, and removed when nothing is left in them. */
final class Directories {
  /** Takes a directory's entries, one by one. */
  interface Visitor {
    void visit(Path entry) throws IOException;
  }

  private Directories() {}

  /** Shows all entries of a directory, in no order. */
  static void forEach(Path directory, Visitor visitor) throws IOException {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        visitor.visit(entry);
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
  }

  /** Makes the entries of a directory durable, where the platform can. */
  static void force(Path directory) throws IOException {
    FileChannel channel;
    try {
      channel = FileChannel.open(directory, StandardOpenOption.READ);
    } catch (IOException e) {
      // Windows opens no directory; elsewhere one may write where one may not read. Both leave it
      // to the system, as every program there does.
      return;
    }
    try (channel) {
      channel.force(true);
    }
  }

  /** Makes a directory that may be new durable, and all that lead to it. */
  static void forceUpwards(Path directory) throws IOException {
    for (Path at = directory.toAbsolutePath(); at != null; at = at.getParent()) {
      force(at);
    }
  }

  /**
   * Removes directories that are empty, upwards. The store's lock must be held: a save makes its
   * directory and its first file there under that lock.
   *
   * @param directory the first to remove, below or equal to {@code root}
   * @param root stays
   * @return the first directory that stays
   */
  static Path prune(Path directory, Path root) throws IOException {
    Path at = directory;
    while (!at.equals(root)) {
      if (!removeIfEmpty(at)) {
        return at;
      }
      @Nullable Path parent = at.getParent();
      at = parent == null ? root : parent;
    }
    return at;
  }

  private static boolean removeIfEmpty(Path directory) {
    try {
      return Files.deleteIfExists(directory);
    } catch (IOException e) {
      // Not empty, or not ours to remove: it stays.
      return false;
    }
  }
}
