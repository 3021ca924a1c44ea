package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.Stretch;
import io.ringkernel.checkpoint.error.StorageException;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import io.ringkernel.checkpoint.storage.ObjectRead;
import io.ringkernel.checkpoint.storage.Range;
import io.ringkernel.checkpoint.storage.SaveOptions;
import io.ringkernel.checkpoint.storage.StorageCapability;
import io.ringkernel.checkpoint.storage.StoredObject;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Some space of a store's that is in use only so that it can be given up: a full storage could not
 * be made empty else, since whoever removes objects first writes down which. This is the storage as
 * those see it.
 */
final class SpaceReserve implements CheckpointStorage {
  /** Room for the records of a collection of {@link Removal#FEW} objects, and for directories. */
  static final int BYTES = 256 << 10;

  private final CheckpointStorage storage;

  SpaceReserve(CheckpointStorage storage) {
    this.storage = storage;
  }

  /** Whether a write was refused for a reason that room might help against. */
  static boolean mayBeFull(Throwable error) {
    return error instanceof StorageException storage && !storage.isTransient();
  }

  /** Makes sure that it is there, if there is room for it. */
  Mono<Void> keep() {
    return storage
        .exists(StoreNames.RESERVE)
        .flatMap(
            there ->
                there
                    ? Mono.empty()
                    : storage.save(
                        StoreNames.RESERVE,
                        Mono.fromSupplier(SpaceReserve::bytes),
                        SaveOptions.onlyIfAbsent()))
        .then()
        .onErrorComplete();
  }

  /** Bytes that no file system makes smaller. */
  private static OwnedBuffer bytes() {
    byte[] bytes = new byte[BYTES];
    new Random().nextBytes(bytes);
    return OwnedBuffer.unpooled(ByteBuffer.wrap(bytes));
  }

  @Override
  public Mono<StoredObject> save(String name, Publisher<OwnedBuffer> content, SaveOptions options) {
    Mono<StoredObject> save = storage.save(name, content, options);
    return save.onErrorResume(
        SpaceReserve::mayBeFull,
        e ->
            storage
                .delete(StoreNames.RESERVE)
                .onErrorReturn(false)
                .flatMap(given -> given ? save : Mono.error(e)));
  }

  @Override
  public Mono<StoredObject> stat(String name) {
    return storage.stat(name);
  }

  @Override
  public Mono<ObjectRead> read(String name, Range range, @Nullable String expectedVersion) {
    return storage.read(name, range, expectedVersion);
  }

  @Override
  public Mono<Long> readInto(String name, String version, long offset, List<ByteBuffer> targets) {
    return storage.readInto(name, version, offset, targets);
  }

  @Override
  public Flux<Stretch> readInto(String name, String version, List<Stretch> stretches) {
    return storage.readInto(name, version, stretches);
  }

  @Override
  public Flux<StoredObject> list(String prefix) {
    return storage.list(prefix);
  }

  @Override
  public Mono<Boolean> delete(String name, @Nullable String expectedVersion) {
    return storage.delete(name, expectedVersion);
  }

  @Override
  public Mono<Boolean> exists(String name) {
    return storage.exists(name);
  }

  @Override
  public Set<StorageCapability> capabilities() {
    return storage.capabilities();
  }

  /** Closes nothing: the storage is somebody else's. */
  @Override
  public Mono<Void> close() {
    return Mono.empty();
  }
}
