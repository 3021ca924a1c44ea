package io.ringkernel.checkpoint.core;

import reactor.core.publisher.Mono;

/** Removes checkpoints: what lies under their names. Objects are a collector's business. */
final class Deleter {
  private final Slots slots;
  private final Resolver resolver;

  Deleter(Slots slots, Resolver resolver) {
    this.slots = slots;
    this.resolver = resolver;
  }

  /** Removes what a name stands for; whether there was anything. */
  Mono<Boolean> delete(String name) {
    return Mono.defer(() -> slots.read(StoreNames.requireUserName(name)))
        .flatMap(slot -> delete(name, slot));
  }

  /** Removes a checkpoint if everything about it is still as it was seen; whether it was. */
  Mono<Boolean> deleteIf(CheckpointInfo seen) {
    String name = seen.name();
    return slots
        .read(name)
        .flatMap(
            slot ->
                current(name, slot)
                    .filter(entry -> entry.info(name).equals(seen))
                    .flatMap(entry -> delete(name, slot)))
        .onErrorComplete(Failures::isRefusal)
        .defaultIfEmpty(false);
  }

  private Mono<Entry> current(String name, Slot slot) {
    return resolver
        .pending(name, slot)
        .map(Head.Latest::entry)
        .switchIfEmpty(
            slot instanceof Slot.Managed managed ? Mono.just(managed.entry()) : Mono.empty());
  }

  /**
   * Removes what was read under a name, if it is still there. A commit that was to replace it goes
   * with it: what it is conditional on never comes back.
   */
  private Mono<Boolean> delete(String name, Slot slot) {
    String version = slot.version();
    if (version == null || slot instanceof Slot.Clearing) {
      return Mono.just(false);
    }
    Mono<Boolean> something =
        slot.isFree() ? resolver.pending(name, slot).hasElement() : Mono.just(true);
    return something.flatMap(is -> is ? slots.clearer().clear(name, version) : Mono.just(false));
  }
}
