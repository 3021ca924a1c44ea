package io.ringkernel.checkpoint.cli;

import io.ringkernel.checkpoint.cli.text.RefusedException;
import io.ringkernel.checkpoint.core.Checkpointer;
import io.ringkernel.checkpoint.core.ListedCheckpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where a demo leaves its store and its pictures. What is there already stays: a run in a place
 * that was used before has a kernel id of its own, which begins all its names.
 *
 * @param pictures the directory of the pictures
 * @param store the store's URI
 * @param kernelId free in both
 * @param wasEmpty whether nothing was in either
 */
record DemoDirectory(Path pictures, String store, String kernelId, boolean wasEmpty) {
  private static final String KERNEL = "wave-";
  private static final String PICTURES = "rkcp-demo";

  /** Not a drive of Windows: those have one letter. */
  private static final Pattern URI = Pattern.compile("[a-z][a-z0-9+.-]+:.*");

  /**
   * Makes the directories if they are missing.
   *
   * @param asked as the command line gave it: a directory, or the URI of a store; null for a new
   *     directory among the temporary files
   * @param pictures where to leave pictures; null for the directory, or with a URI for one here
   */
  static DemoDirectory prepare(@Nullable String asked, @Nullable String pictures, Session session)
      throws IOException {
    if (asked != null && URI.matcher(asked).matches()) {
      return remote(asked, made(Path.of(pictures == null ? PICTURES : pictures)), session);
    }
    Path home =
        asked == null
            ? Files.createTempDirectory(session.temporaryDirectory(), "rkcp-demo-").toAbsolutePath()
            : made(Path.of(asked));
    Path drawn = pictures == null ? home : made(Path.of(pictures));
    List<String> stored = names(home.resolve("store"));
    List<String> names =
        Stream.of(names(home), stored, names(drawn)).flatMap(List::stream).toList();
    boolean wasEmpty = names(home).isEmpty() && stored.isEmpty();
    return new DemoDirectory(drawn, uri(home.resolve("store")), unused(names), wasEmpty);
  }

  private static DemoDirectory remote(String store, Path pictures, Session session)
      throws IOException {
    if (store.startsWith("memory:")) {
      throw new RefusedException("'" + store + "' is no store that several processes see");
    }
    List<String> stored;
    try (Store open = new Store(Checkpointer.open(store), session)) {
      stored =
          session.await(open.checkpointer().list(KERNEL).map(ListedCheckpoint::name).collectList());
    }
    List<String> names = Stream.concat(stored.stream(), names(pictures).stream()).toList();
    return new DemoDirectory(pictures, store, unused(names), stored.isEmpty());
  }

  private static Path made(Path asked) throws IOException {
    Path path = asked.toAbsolutePath().normalize();
    if (Files.exists(path) && !Files.isDirectory(path)) {
      throw new RefusedException("'" + path + "' exists and is not a directory");
    }
    return Files.createDirectories(path);
  }

  /** The first kernel id that no picture and no checkpoint begins with. */
  private static String unused(List<String> taken) {
    int last =
        taken.stream()
            .filter(name -> name.matches(KERNEL + "[0-9]{1,8}([-/].*)?"))
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

  private static String uri(Path store) {
    return "file:" + store.toString().replace("%", "%25").replace("?", "%3F").replace("#", "%23");
  }

  /** The picture of a step. */
  Path picture(long step) {
    return pictures.resolve(String.format("%s-step-%06d.png", kernelId, step));
  }

  /** The picture of the blocks that changed. */
  Path changes() {
    return pictures.resolve(kernelId + "-changes.png");
  }
}
