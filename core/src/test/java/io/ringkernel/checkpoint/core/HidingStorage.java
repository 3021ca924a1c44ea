package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.storage.CheckpointStorage;
import io.ringkernel.checkpoint.storage.CheckpointStorages;
import io.ringkernel.checkpoint.storage.StorageCapability;
import io.ringkernel.checkpoint.storage.StoredObject;
import io.ringkernel.checkpoint.tck.fault.ForwardingStorage;
import java.util.HashSet;
import java.util.Set;
import reactor.core.publisher.Flux;

/** A storage in memory that lists {@code a/b} only while there is no {@code a}, as MinIO does. */
final class HidingStorage extends ForwardingStorage {
  private static final String SCHEME = "hiding:";

  HidingStorage() {
    this("");
  }

  private HidingStorage(String place) {
    super(CheckpointStorages.open("memory:" + place));
  }

  /** One of these for {@code hiding:PLACE}, else what the URI names. */
  static CheckpointStorage open(String uri) {
    return uri.startsWith(SCHEME)
        ? new HidingStorage(uri.substring(SCHEME.length()))
        : CheckpointStorages.open(uri);
  }

  @Override
  public Flux<StoredObject> list(String prefix) {
    return super.list("")
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
  public Set<StorageCapability> capabilities() {
    return Set.of();
  }
}
