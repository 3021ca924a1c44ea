package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.storage.CheckpointStorage;
import reactor.core.publisher.Mono;

/**
 * Gives back the space of objects whose entry is gone. As long as every checkpoint is a full one,
 * an object belongs to one entry, so it goes with it; what this misses (a crash, a failure) is
 * garbage for a collector.
 */
final class Reclaimer {
  private final CheckpointStorage storage;

  Reclaimer(CheckpointStorage storage) {
    this.storage = storage;
  }

  /** After an entry was deleted or replaced. A failure is not the caller's concern. */
  Mono<Void> released(Entry entry) {
    return remove(StoreNames.object(entry.file().objectId()));
  }

  /** After a save that can't have been committed; also when its object was never written. */
  Mono<Void> abandoned(String objectName) {
    return remove(objectName);
  }

  private Mono<Void> remove(String objectName) {
    return storage.delete(objectName).then().onErrorComplete();
  }
}
