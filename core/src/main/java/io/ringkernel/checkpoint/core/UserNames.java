package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.error.CheckpointException;
import io.ringkernel.checkpoint.internal.FirstFailure;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import io.ringkernel.checkpoint.storage.StoredObject;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** All that lies under users' names. */
final class UserNames {
  private static final int READS_IN_FLIGHT = 16;

  /** A name and what is there. */
  record Named(String name, Slot slot) {}

  private final CheckpointStorage storage;
  private final Slots slots;

  UserNames(CheckpointStorage storage, Slots slots) {
    this.storage = storage;
    this.slots = slots;
  }

  /**
   * The objects under those that begin so, in the order of their names.
   *
   * @param prefix empty for all
   */
  static Flux<StoredObject> in(CheckpointStorage storage, String prefix) {
    return storage.list(prefix).filter(object -> !StoreNames.isReserved(object.name()));
  }

  /** All of it, in no particular order; also what the storage refuses to read is unreadable. */
  Flux<Named> all() {
    return FirstFailure.of(in(storage, ""), this::named, READS_IN_FLIGHT);
  }

  /** What is under one of them. */
  Mono<Named> named(StoredObject object) {
    return slots
        .read(object.name())
        .onErrorResume(
            Failures::isUnreadable,
            e -> Mono.just(new Slot.Unreadable(object.version(), true, (CheckpointException) e)))
        .map(slot -> new Named(object.name(), slot));
  }
}
