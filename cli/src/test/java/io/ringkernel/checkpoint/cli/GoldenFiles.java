package io.ringkernel.checkpoint.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The files that the reference wrote, as the format's tests have them. */
final class GoldenFiles {
  private static final Path DIRECTORY =
      Path.of("..", "format", "src", "test", "resources", "golden");

  private GoldenFiles() {}

  static List<Path> all() {
    try (Stream<Path> files = Files.walk(DIRECTORY)) {
      return files.filter(file -> file.toString().endsWith(".rkcp")).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Path named(String name) {
    return DIRECTORY.resolve(name + ".rkcp");
  }

  /** What the reference reads back from a file. */
  static String text(Path file) throws IOException {
    String name = file.getFileName().toString().replace(".rkcp", ".dump.txt");
    return Files.readString(file.resolveSibling(name));
  }
}
