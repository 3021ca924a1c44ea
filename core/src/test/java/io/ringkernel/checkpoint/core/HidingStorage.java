package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import io.ringkernel.checkpoint.storage.CheckpointStorages;
import io.ringkernel.checkpoint.storage.ObjectRead;
import io.ringkernel.checkpoint.storage.Range;
import io.ringkernel.checkpoint.storage.SaveOptions;
import io.ringkernel.checkpoint.storage.StorageCapability;
import io.ringkernel.checkpoint.storage.StoredObject;
import java.util.HashSet;
import java.util.Set;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** A storage in memory that lists {@code a/b} only while there is no {@code a}, as MinIO does. */
final class HidingStorage implements CheckpointStorage {
  private static final String SCHEME = "hiding:";

  private final CheckpointStorage all;

  HidingStorage() {
    this("");
  }

  private HidingStorage(String place) {
    all = CheckpointStorages.open("memory:" + place);
  }

  /** One of these for {@code hiding:PLACE}, else what the URI names. */
  static CheckpointStorage open(String uri) {
    return uri.startsWith(SCHEME)
        ? new HidingStorage(uri.substring(SCHEME.length()))
        : CheckpointStorages.open(uri);
  }

  @Override
  public Flux<StoredObject> list(String prefix) {
    return all.list("")
        .collectList()
        .flatMapIterable(
            objects -> {
              Set<String> names = new HashSet<>();
              objects.forEach(object -> names.add(object.name()));
              return objects.stream()
                  .filter(object -> object.name().startsWith(prefix))
                  .filter(object -> Folders.of(object.name()).stream().noneMatch(names::contains))
                  .toList();
            });
  }

  @Override
  public Mono<StoredObject> save(String name, Publisher<OwnedBuffer> content, SaveOptions options) {
    return all.save(name, content, options);
  }

  @Override
  public Mono<StoredObject> stat(String name) {
    return all.stat(name);
  }

  @Override
  public Mono<ObjectRead> read(String name, Range range, String expectedVersion) {
    return all.read(name, range, expectedVersion);
  }

  @Override
  public Mono<Boolean> delete(String name, String expectedVersion) {
    return all.delete(name, expectedVersion);
  }

  @Override
  public Set<StorageCapability> capabilities() {
    return Set.of();
  }

  @Override
  public Mono<Void> close() {
    return all.close();
  }
}
