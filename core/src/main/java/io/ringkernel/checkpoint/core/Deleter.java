package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.storage.CheckpointStorage;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Removes checkpoints: what lies under their names. Objects are a collector's business. */
final class Deleter {
  private final CheckpointStorage storage;
  private final Heads heads;
  private final Slots slots;
  private final Resolver resolver;

  Deleter(CheckpointStorage storage, Heads heads, Slots slots, Resolver resolver) {
    this.storage = storage;
    this.heads = heads;
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
        .pendingHead(name, slot)
        .mapNotNull(Head::latest)
        .map(Head.Latest::entry)
        .switchIfEmpty(
            slot instanceof Slot.Managed managed ? Mono.just(managed.entry()) : Mono.empty());
  }

  private Mono<Boolean> delete(String name, Slot slot) {
    return drop(name, slot)
        .flatMap(dropped -> remove(name, slot).map(removed -> dropped || removed));
  }

  /** A commit that belongs under the name and is not there yet goes too, or it would come back. */
  private Mono<Boolean> drop(String name, Slot slot) {
    return resolver
        .pendingHead(name, slot)
        .mapNotNull(Head::latest)
        .flatMap(latest -> settle(latest.entry()).thenReturn(true))
        .defaultIfEmpty(false);
  }

  private Mono<Boolean> remove(String name, Slot slot) {
    String version = slot.version();
    if (version == null) {
      return Mono.just(false);
    }
    @Nullable Entry entry = slot instanceof Slot.Managed managed ? managed.entry() : null;
    Mono<Void> settled = entry == null ? Mono.empty() : settle(entry);
    return settled.then(storage.delete(name, version));
  }

  private Mono<Void> settle(Entry entry) {
    return heads.settle(entry.metadata().kernelId(), entry.mark().nonce());
  }
}
