package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.storage.CheckpointStorage;
import reactor.core.publisher.Mono;

/**
 * Gives back the space of objects that nobody needs. An object may be an ancestor of any number of
 * checkpoints, so that only a collector, which sees them all, removes one whose own entry is gone.
 */
final class Reclaimer {
  private final CheckpointStorage storage;

  Reclaimer(CheckpointStorage storage) {
    this.storage = storage;
  }

  /** After an entry was deleted or replaced: what it stood for is left to the collector. */
  Mono<Void> released(Entry entry) {
    return Mono.empty();
  }

  /**
   * After a save that can't have been committed, also when its object was never written: nothing
   * can refer to it. A failure is not the caller's concern.
   */
  Mono<Void> abandoned(String objectName) {
    return storage.delete(objectName).then().onErrorComplete();
  }
}
