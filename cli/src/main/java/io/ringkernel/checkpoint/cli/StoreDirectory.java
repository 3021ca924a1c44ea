package io.ringkernel.checkpoint.cli;

import io.ringkernel.checkpoint.error.InvalidOptionException;
import io.ringkernel.checkpoint.storage.StorageOptions;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/** Where on this machine a store lies. */
final class StoreDirectory {
  private static final String LOCALHOST = "//localhost/";

  private StoreDirectory() {}

  /**
   * The directory of a file store.
   *
   * @param uri of any store
   * @return empty for another kind of store, and for a URI that opening the store will refuse
   */
  static Optional<Path> of(String uri) {
    try {
      StorageOptions options = StorageOptions.parse(uri);
      return Optional.of(options.location())
          .filter(location -> options.scheme().equals("file") && !location.isEmpty())
          .filter(StoreDirectory::isLocal)
          .map(location -> Path.of(path(location)));
    } catch (InvalidOptionException | InvalidPathException e) {
      // Whoever opens the store says what is wrong with it.
      return Optional.empty();
    }
  }

  /** What names another machine is no path here. */
  private static boolean isLocal(String location) {
    return !location.startsWith("//")
        || location.startsWith("///")
        || location.startsWith(LOCALHOST);
  }

  private static String path(String location) {
    return location.startsWith(LOCALHOST) ? location.substring(LOCALHOST.length() - 1) : location;
  }
}
