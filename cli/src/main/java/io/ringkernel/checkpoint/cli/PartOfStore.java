package io.ringkernel.checkpoint.cli;

import io.ringkernel.checkpoint.cli.text.RefusedException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a store in a directory consists of, told from a checkpoint's file, whose suffix it has: an
 * entry is under a checkpoint's name and is none, so that it must not look like a damaged one.
 */
final class PartOfStore {
  /** How the records of a store begin: docs/store.md. */
  private static final Pattern RECORD = Pattern.compile("rkcp-([a-z]{2,20}) [0-9]");

  /** Where a store of files keeps what has no name of the user's, and its lock. */
  private static final String OWN = "%2Erkcp";

  private static final String LOCK = "%lock";
  private static final String SUFFIX = ".rkcp";
  private static final String OBJECTS = "objects";
  private static final int START = 32;

  private PartOfStore() {}

  /**
   * Refuses a file that belongs to a store and is no checkpoint.
   *
   * @param path of a file; what is none, or is not there, is left to whoever opens it
   */
  static void refuse(Path path) throws IOException {
    if (!Files.isRegularFile(path)) {
      return;
    }
    String kind = kind(path);
    Path root = root(path);
    boolean own = root != null && isOwn(root.relativize(path.toAbsolutePath().normalize()));
    if (kind != null || own) {
      throw RefusedException.wrongUsage(
          "'" + path + "' is " + words(kind) + ", not a checkpoint's file: " + advice(path, root));
    }
  }

  /** What a record calls itself; null when the file is none. */
  private static @Nullable String kind(Path path) throws IOException {
    try (InputStream file = Files.newInputStream(path)) {
      Matcher record =
          RECORD.matcher(new String(file.readNBytes(START), StandardCharsets.ISO_8859_1));
      return record.lookingAt() ? record.group(1) : null;
    }
  }

  private static String words(@Nullable String kind) {
    if (kind == null) {
      return "what a store keeps for itself";
    }
    return switch (kind) {
      case "entry" -> "the entry of a checkpoint in a store";
      case "group" -> "the record of a group in a store";
      default -> "a record (" + kind + ") that a store keeps for itself";
    };
  }

  private static String advice(Path path, @Nullable Path root) {
    if (root == null) {
      return "give -s URI, which names its store, and the checkpoint's name";
    }
    String store = "give -s file:" + shown(path, root) + " and ";
    String name = name(root.relativize(path.toAbsolutePath().normalize()));
    return name == null
        ? store + "a checkpoint's name, as rkcp ls shows it"
        : store + "its name, '" + name + "'; rkcp export makes a file of it";
  }

  /** The directory of the store that a file lies in; null when it lies in none. */
  private static @Nullable Path root(Path path) {
    Path directory = path.toAbsolutePath().normalize().getParent();
    while (directory != null && !Files.isDirectory(directory.resolve(OWN))) {
      directory = directory.getParent();
    }
    return directory;
  }

  /** The store's directory as the user would write it, where the path tells. */
  private static Path shown(Path path, Path root) {
    for (Path typed = path.getParent(); typed != null; typed = typed.getParent()) {
      if (typed.toAbsolutePath().normalize().equals(root)) {
        return typed;
      }
    }
    return root;
  }

  /** Of what lies beside the objects, which are files of checkpoints. */
  private static boolean isOwn(Path inStore) {
    return inStore.startsWith(LOCK)
        || (inStore.startsWith(OWN) && !inStore.startsWith(Path.of(OWN, OBJECTS)));
  }

  /** The name that a file stands for; null where it has none, or is not simply written as it is. */
  private static @Nullable String name(Path inStore) {
    String file = inStore.toString();
    return isOwn(inStore) || file.indexOf('%') >= 0 || !file.endsWith(SUFFIX)
        ? null
        : file.substring(0, file.length() - SUFFIX.length()).replace('\\', '/');
  }
}
