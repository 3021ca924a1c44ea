package io.ringkernel.checkpoint.storage.file;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.BooleanSupplier;

/**
 * Removes the temporary files that dead processes left in a store.
 *
 * <p>They cost space and nothing else, so that this is done once for each opening, beside the first
 * save, and gives up after a number of entries. It goes through directories in an order that
 * differs each time: what one opening does not come to, another will.
 */
final class Leftovers implements Callable<Integer> {
  private static final int MOST_ENTRIES = 100_000;

  private final StoreTree tree;
  private final StoreLock lock;
  private final BooleanSupplier isUnwanted;
  private int entries;
  private int removed;

  /** Asks {@code isUnwanted} before each directory whether to end early. */
  Leftovers(StoreTree tree, StoreLock lock, BooleanSupplier isUnwanted) {
    this.tree = tree;
    this.lock = lock;
    this.isUnwanted = isUnwanted;
  }

  /** Tells how many files were removed. */
  @Override
  public Integer call() {
    List<Path> directories = new ArrayList<>(List.of(tree.root()));
    while (!directories.isEmpty() && entries < MOST_ENTRIES && !isUnwanted.getAsBoolean()) {
      Path directory = directories.remove(directories.size() - 1);
      try {
        List<Path> below = clean(directory);
        Collections.shuffle(below);
        directories.addAll(below);
      } catch (IOException e) {
        // Gone meanwhile, or not ours to look into: the rest is worth a look all the same.
        entries++;
      }
    }
    return removed;
  }

  /** Cleans one directory, and tells of those in it. */
  private List<Path> clean(Path directory) throws IOException {
    List<Path> below = new ArrayList<>();
    List<Path> temporary = new ArrayList<>();
    Directories.forEach(
        directory,
        entry -> {
          entries++;
          String fileName = FilePaths.fileName(entry);
          if (TemporaryFile.isTemporary(fileName)) {
            temporary.add(entry);
          } else if (!fileName.endsWith(FileName.SUFFIX) && isDirectory(entry)) {
            below.add(entry);
          }
        });
    if (!temporary.isEmpty()) {
      // Under the store's lock: a commit may for a moment not hold that of its temporary file.
      lock.exclusively(stamps -> remove(temporary, directory));
    }
    return below;
  }

  private Path remove(List<Path> temporary, Path directory) throws IOException {
    for (Path file : temporary) {
      removed += TemporaryFile.removeIfStale(file) ? 1 : 0;
    }
    return Directories.prune(directory, tree.root());
  }

  private static boolean isDirectory(Path entry) throws IOException {
    FileState state = FileState.of(entry);
    return state != null && state.isDirectory();
  }
}
