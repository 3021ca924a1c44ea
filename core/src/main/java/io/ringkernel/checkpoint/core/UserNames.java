package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.internal.FirstFailure;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import io.ringkernel.checkpoint.storage.StoredObject;
import reactor.core.publisher.Flux;

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

  /** What can be read, in no particular order. */
  Flux<Named> readable() {
    return FirstFailure.of(
        in(storage, "").map(StoredObject::name),
        name ->
            slots
                .read(name)
                .onErrorComplete(Failures::isUnreadable)
                .map(slot -> new Named(name, slot)),
        READS_IN_FLIGHT);
  }
}
