package io.ringkernel.checkpoint.storage.file;

import io.ringkernel.checkpoint.BufferPool;
import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.error.AlreadyExistsException;
import io.ringkernel.checkpoint.error.ChangedMeanwhileException;
import io.ringkernel.checkpoint.error.StorageException;
import io.ringkernel.checkpoint.storage.SaveOptions;
import io.ringkernel.checkpoint.storage.StoredObject;
import io.ringkernel.checkpoint.storage.blocking.BlockingSave;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The file operations of one save, in their order: a temporary file, its bytes, and the commit.
 *
 * <p>The commit forces the bytes to the disk before the name, so that a crash leaves the old object
 * or the new one; and the name before it is reported, so that what was reported stays.
 */
final class FileSave implements BlockingSave {
  private final StoreTree tree;
  private final StoreLock lock;
  private final String name;
  private final SaveOptions options;
  private final BufferPool staging;
  private final BooleanSupplier isUnwanted;
  private final Executor threads;
  private @Nullable TemporaryFile temporary;
  private @Nullable GatheringWriter writer;
  private boolean committed;

  /** The last stamp when no twin of the name was there: unless it moved on, there is still none. */
  private long twinsSeenAt;

  /**
   * @param isUnwanted asked at the last moment before the commit
   * @param threads for what may be done beside; may block
   */
  FileSave(
      StoreTree tree,
      StoreLock lock,
      String name,
      SaveOptions options,
      BufferPool staging,
      BooleanSupplier isUnwanted,
      Executor threads) {
    this.tree = tree;
    this.lock = lock;
    this.name = name;
    this.options = options;
    this.staging = staging;
    this.isUnwanted = isUnwanted;
    this.threads = threads;
  }

  /** Refuses what can be refused already, and makes the temporary file. */
  @Override
  public void begin() throws IOException {
    StoreTree.Place place = tree.find(name);
    FileState present = requireCondition(place);
    Files.createDirectories(tree.root());
    TemporaryFile file =
        lock.exclusively(
            stamps -> {
              twinsSeenAt = stamps.last();
              // Under the lock, so that nobody prunes the directory before the file is in it.
              return TemporaryFile.create(tree.makeDirectories(name), threads);
            });
    temporary = file;
    if (present == null) {
      CaseRule.requireNoTwin(file.directory(), FileName.OBJECT, lastComponent(), name);
    }
    writer = new GatheringWriter(file, staging);
  }

  @Override
  public void write(List<OwnedBuffer> batch) throws IOException {
    Objects.requireNonNull(writer, "begin comes first").write(batch);
  }

  /** Makes the temporary file the object. */
  @Override
  public Optional<StoredObject> commit() throws IOException {
    TemporaryFile file = Objects.requireNonNull(temporary, "begin comes first");
    Objects.requireNonNull(writer, "begin comes first").flush();
    file.force();
    Optional<StoredObject> saved = lock.exclusively(stamps -> rename(file, stamps));
    if (saved.isPresent()) {
      makeDurable(file);
    }
    return saved;
  }

  private Optional<StoredObject> rename(TemporaryFile file, StoreLock.Stamps stamps)
      throws IOException {
    StoreTree.Place place = tree.find(name);
    if (requireCondition(place) == null) {
      if (stamps.last() != twinsSeenAt) {
        CaseRule.requireNoTwin(place.directory(), FileName.OBJECT, lastComponent(), name);
      }
    }
    if (isUnwanted.getAsBoolean()) {
      return Optional.empty();
    }
    FileState state = file.stamp(stamps);
    if (options.isOnlyIfAbsent()) {
      try {
        file.publish(place.file());
      } catch (FileAlreadyExistsException e) {
        throw new AlreadyExistsException(name);
      }
    } else {
      file.replace(place.file());
    }
    committed = true;
    return Optional.of(state.describe(name));
  }

  private void makeDurable(TemporaryFile file) throws IOException {
    try {
      file.removeName();
      // Once more: the stamp came after the first time, and must survive as part of the version.
      file.force();
      Directories.force(file.directory());
    } catch (IOException e) {
      throw new StorageException(
          "'"
              + name
              + "' is stored, but may not survive a power failure: "
              + e.getMessage()
              + "; check the disk and save again",
          false,
          e);
    }
  }

  /** Refuses the save when its condition does not hold; else tells what is there, or null. */
  private @Nullable FileState requireCondition(StoreTree.Place place) {
    FileState present = place.object();
    if (options.isOnlyIfAbsent() && present != null) {
      throw new AlreadyExistsException(name);
    }
    options.expectedVersion().ifPresent(expected -> requireVersion(name, expected, present));
    if (present == null && place.state() != null) {
      throw new StorageException(
          "'"
              + name
              + "': "
              + place.file()
              + " is a link or a directory, which is neither followed nor replaced; remove it",
          false,
          null);
    }
    return present;
  }

  static void requireVersion(String name, String expected, @Nullable FileState present) {
    String found = present == null ? null : present.version();
    if (!expected.equals(found)) {
      throw new ChangedMeanwhileException(name, expected, found);
    }
  }

  private String lastComponent() {
    return name.substring(name.lastIndexOf('/') + 1);
  }

  /** Ends the save; what was not committed leaves nothing. */
  @Override
  public void close() throws IOException {
    if (writer != null) {
      writer.close();
    }
    TemporaryFile file = temporary;
    if (file == null) {
      return;
    }
    temporary = null;
    Path directory = file.directory();
    file.close();
    if (!committed && !directory.equals(tree.root())) {
      lock.exclusively(stamps -> Directories.prune(directory, tree.root()));
    }
  }
}
