package io.ringkernel.checkpoint.storage.file;

import io.ringkernel.checkpoint.BufferPool;
import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.Stretch;
import io.ringkernel.checkpoint.error.CheckpointNotFoundException;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import io.ringkernel.checkpoint.storage.ObjectRead;
import io.ringkernel.checkpoint.storage.Range;
import io.ringkernel.checkpoint.storage.SaveOptions;
import io.ringkernel.checkpoint.storage.StorageCapability;
import io.ringkernel.checkpoint.storage.StorageNames;
import io.ringkernel.checkpoint.storage.StoredObject;
import io.ringkernel.checkpoint.storage.blocking.BlockingOperations;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** One opening of a directory as a store. */
final class FileStorage implements CheckpointStorage {
  private static final int READ_BYTES = 256 << 10;
  private static final long READ_POOL_BYTES = 16 << 20;
  private static final int STAGING_BYTES = 1 << 20;

  /** Blocking on a disk is cheap; more would only take memory. */
  private static final int THREADS =
      Math.min(16, Math.max(4, 2 * Runtime.getRuntime().availableProcessors()));

  private final StoreTree tree;
  private final StoreLock lock;
  private final BlockingOperations operations =
      new BlockingOperations("rkcp-file", THREADS, Failures::of, () -> {});
  private final BufferPool reading = new BufferPool(READ_BYTES, READ_POOL_BYTES);
  private final BufferPool staging = new BufferPool(STAGING_BYTES, (long) STAGING_BYTES * THREADS);
  private final AtomicBoolean cleaned = new AtomicBoolean();

  /** Opens nothing yet; {@code root} is absolute and need not exist. */
  FileStorage(Path root) {
    this.tree = new StoreTree(root);
    this.lock = new StoreLock(root);
  }

  @Override
  public Mono<StoredObject> save(String name, Publisher<OwnedBuffer> content, SaveOptions options) {
    return operations.save(
        name,
        content,
        attempt -> {
          StoreTree.requireValid(name);
          cleanOnce();
          return new FileSave(
              tree, lock, name, options, staging, attempt::isUnwanted, attempt::beside);
        });
  }

  @Override
  public Mono<StoredObject> stat(String name) {
    return call(name, () -> require(name, null));
  }

  @Override
  public Mono<ObjectRead> read(String name, Range range, @Nullable String expectedVersion) {
    return call(
        name,
        () -> {
          StoreTree.Place place = tree.find(name);
          StoredObject object = require(name, place, expectedVersion);
          return new ObjectRead(object, bytes(place, object, range.within(object.size())));
        });
  }

  @Override
  public Mono<Long> readInto(String name, String version, long offset, List<ByteBuffer> targets) {
    return call(
        name,
        () -> {
          Stretch one = new Stretch(offset, targets);
          long room = one.length();
          try (FileStretches from = open(name, version, List.of(one))) {
            from.next();
          }
          return room - one.length();
        });
  }

  /** Each stretch is a system call or two more, and the file is opened once. */
  @Override
  public Flux<Stretch> readInto(String name, String version, List<Stretch> stretches) {
    return Flux.defer(
        () -> {
          StoreTree.requireValid(name);
          return operations.pull(name, attempt -> open(name, version, stretches), stretch -> {});
        });
  }

  private FileStretches open(String name, String version, List<Stretch> stretches)
      throws IOException {
    StoreTree.Place place = tree.find(name);
    return FileStretches.open(place, require(name, place, version), stretches, reading);
  }

  private Flux<OwnedBuffer> bytes(StoreTree.Place place, StoredObject object, Range range) {
    return operations.pull(
        object.name(),
        attempt -> FileRange.open(place, object, range, reading),
        OwnedBuffer::close);
  }

  @Override
  public Flux<StoredObject> list(String prefix) {
    return Flux.defer(
        () -> {
          StorageNames.requireValidPrefix(prefix);
          return operations.pull(prefix, attempt -> NameWalk.open(tree, prefix), unused -> {});
        });
  }

  @Override
  public Mono<Boolean> delete(String name, @Nullable String expectedVersion) {
    return call(
        name,
        () -> {
          // Without a root there is no lock to hold, and nothing to remove.
          FileState present = tree.find(name).object();
          if (expectedVersion != null) {
            FileSave.requireVersion(name, expectedVersion, present);
          }
          return present != null && deleteLocked(name, expectedVersion);
        });
  }

  private boolean deleteLocked(String name, @Nullable String expectedVersion) throws IOException {
    Optional<Path> left =
        lock.exclusively(
            stamps -> {
              StoreTree.Place place = tree.find(name);
              if (expectedVersion != null) {
                FileSave.requireVersion(name, expectedVersion, place.object());
              }
              if (place.object() == null || !Files.deleteIfExists(place.file())) {
                return Optional.empty();
              }
              return Optional.of(Directories.prune(place.directory(), tree.root()));
            });
    if (left.isPresent()) {
      Directories.force(left.get());
    }
    return left.isPresent();
  }

  @Override
  public Set<StorageCapability> capabilities() {
    return Set.of(
        StorageCapability.DURABLE,
        StorageCapability.SHARED,
        StorageCapability.CONDITIONAL_DELETES,
        StorageCapability.NESTED_NAMES,
        StorageCapability.SCATTERED_READS);
  }

  @Override
  public Mono<Void> close() {
    return operations.close();
  }

  /** Pooled buffers that are lent out. */
  int openBuffers() {
    return reading.open() + staging.open();
  }

  private StoredObject require(String name, @Nullable String expectedVersion) throws IOException {
    return require(name, tree.find(name), expectedVersion);
  }

  private static StoredObject require(
      String name, StoreTree.Place place, @Nullable String expectedVersion) {
    FileState present = place.object();
    if (present == null) {
      throw new CheckpointNotFoundException(name);
    }
    if (expectedVersion != null) {
      FileSave.requireVersion(name, expectedVersion, present);
    }
    return present.describe(name);
  }

  private void cleanOnce() {
    if (cleaned.compareAndSet(false, true)) {
      operations.run(attempt -> new Leftovers(tree, lock, attempt::isUnwanted).call());
    }
  }

  private <T> Mono<T> call(String name, Callable<T> work) {
    return Mono.defer(
        () -> {
          StoreTree.requireValid(name);
          return operations.call(name, attempt -> work.call());
        });
  }
}
