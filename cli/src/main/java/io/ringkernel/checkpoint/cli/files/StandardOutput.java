package io.ringkernel.checkpoint.cli.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Standard output of this process as a path names it. Opened by its path, a file is written from
 * its start, over what is there; the stream knows where it goes on.
 */
public final class StandardOutput {
  /** How a user names it where a file is asked for. */
  public static final String DASH = "-";

  private static final Path DESCRIPTOR = Path.of("/proc/self/fd/1");
  private static final Set<Path> NAMES =
      Set.of(Path.of("/dev/stdout"), Path.of("/dev/fd/1"), DESCRIPTOR);

  private StandardOutput() {}

  /**
   * Whether it is meant: by {@link #DASH}, or as {@link #isAt} tells.
   *
   * @param output as the user named it
   */
  public static boolean isMeant(String output) {
    return output.equals(DASH) || isAt(Path.of(output));
  }

  /**
   * Whether it is meant: by one of its names, or by a path to the same file, pipe or device.
   *
   * @param target as the user named it; nothing need be there
   */
  public static boolean isAt(Path target) {
    if (NAMES.contains(target.toAbsolutePath().normalize())) {
      return true;
    }
    Object key = key(target);
    return key != null && key.equals(key(DESCRIPTOR));
  }

  /** Null where there is nothing, or where the system has no such keys. */
  private static @Nullable Object key(Path path) {
    try {
      return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
    } catch (IOException e) {
      return null;
    }
  }
}
