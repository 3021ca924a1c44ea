package io.ringkernel.checkpoint.cli;

import io.ringkernel.checkpoint.cli.text.RefusedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where a demo leaves its store and its pictures. What is there already stays: a run in a directory
 * that was used before has a kernel id of its own, which begins all its names.
 *
 * @param path the directory
 * @param kernelId free in it
 * @param wasEmpty whether nothing was there
 */
record DemoDirectory(Path path, String kernelId, boolean wasEmpty) {
  private static final String KERNEL = "wave-";

  /**
   * Makes the directory if it is missing.
   *
   * @param asked as the command line gave it; null for a new one among the temporary files
   */
  static DemoDirectory prepare(@Nullable String asked, Session session) throws IOException {
    if (asked == null) {
      Path fresh = Files.createTempDirectory(session.temporaryDirectory(), "rkcp-demo-");
      return new DemoDirectory(fresh.toAbsolutePath(), KERNEL + 1, true);
    }
    Path path = Path.of(asked).toAbsolutePath().normalize();
    if (Files.exists(path) && !Files.isDirectory(path)) {
      throw new RefusedException("'" + path + "' exists and is not a directory");
    }
    Files.createDirectories(path);
    List<String> names = names(path);
    boolean wasEmpty = names.isEmpty() && names(path.resolve("store")).isEmpty();
    return new DemoDirectory(path, unused(path), wasEmpty);
  }

  /** The first kernel id that no picture and no checkpoint here begins with. */
  private static String unused(Path path) throws IOException {
    Stream<String> taken =
        Stream.concat(names(path).stream(), names(path.resolve("store")).stream());
    int last =
        taken
            .filter(name -> name.matches(KERNEL + "[0-9]{1,8}(-.*|/?)"))
            .map(name -> name.replaceAll(KERNEL + "([0-9]+).*", "$1"))
            .mapToInt(Integer::parseInt)
            .max()
            .orElse(0);
    return KERNEL + (last + 1);
  }

  private static List<String> names(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.map(entry -> entry.getFileName().toString()).toList();
    }
  }

  /** The store's URI. */
  String store() {
    String location = path.resolve("store").toString();
    return "file:" + location.replace("%", "%25").replace("?", "%3F").replace("#", "%23");
  }

  /** The picture of a step. */
  Path picture(long step) {
    return path.resolve(String.format("%s-step-%06d.png", kernelId, step));
  }

  /** The picture of the blocks that changed. */
  Path changes() {
    return path.resolve(kernelId + "-changes.png");
  }
}
