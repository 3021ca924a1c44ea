package io.ringkernel.checkpoint.storage.file;

import io.ringkernel.checkpoint.error.InvalidOptionException;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import io.ringkernel.checkpoint.storage.CheckpointStorageProvider;
import io.ringkernel.checkpoint.storage.StorageOptions;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Set;

/**
 * The provider of {@code file:}, which opens a directory as a store: {@code file:///var/lib/sim} or
 * {@code file:/var/lib/sim}, or {@code file:dir/sim} relative to the working directory. There are
 * no parameters. The directory is made with the first save.
 */
public final class FileStorageProvider implements CheckpointStorageProvider {
  private static final String LOCALHOST = "//localhost/";

  /** For {@link java.util.ServiceLoader}. */
  public FileStorageProvider() {}

  @Override
  public String scheme() {
    return "file";
  }

  @Override
  public CheckpointStorage create(StorageOptions options) {
    options.requireOnly(Set.of());
    return new FileStorage(root(options.location()));
  }

  private static Path root(String location) {
    String path = location;
    if (location.startsWith(LOCALHOST)) {
      path = location.substring(LOCALHOST.length() - 1);
    } else if (location.startsWith("///")) {
      path = location.substring(2);
    } else if (location.startsWith("//")) {
      throw new InvalidOptionException(
          "store",
          "file:" + location + " names another machine; write file:///path for a local directory",
          null);
    }
    if (path.isEmpty()) {
      throw new InvalidOptionException(
          "store", "'file:' needs a directory, for example file:///var/lib/sim", null);
    }
    try {
      return Path.of(path).toAbsolutePath().normalize();
    } catch (InvalidPathException e) {
      throw new InvalidOptionException(
          "store",
          "'"
              + path
              + "' is no path here: "
              + e.getReason()
              + "; if it has letters beyond ASCII, the locale must have them, too (LC_ALL=C.UTF-8)",
          e);
    }
  }
}
