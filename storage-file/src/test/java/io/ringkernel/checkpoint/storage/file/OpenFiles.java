package io.ringkernel.checkpoint.storage.file;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What this process has open, and what lies in a directory that is no object. */
final class OpenFiles {
  private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

  private OpenFiles() {}

  /** Files and directories below a path that are open; 0 where the system does not tell. */
  static int below(Path path) {
    if (!Files.isDirectory(DESCRIPTORS)) {
      return 0;
    }
    int count = 0;
    try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(DESCRIPTORS)) {
      for (Path descriptor : descriptors) {
        count += isBelow(descriptor, path) ? 1 : 0;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return count;
  }

  private static boolean isBelow(Path descriptor, Path path) {
    try {
      return Files.readSymbolicLink(descriptor).startsWith(path);
    } catch (IOException e) {
      // Closed between the listing and here, as the listing's own is.
      return false;
    }
  }

  /** Temporary files, and directories that hold nothing. */
  static List<String> temporaryBelow(Path path) {
    try (Stream<Path> all = Files.walk(path)) {
      return all.filter(each -> TemporaryFile.isTemporary(each.getFileName().toString()))
          .map(Path::toString)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
