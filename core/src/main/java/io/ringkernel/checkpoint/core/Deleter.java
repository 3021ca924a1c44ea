package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.storage.CheckpointStorage;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Removes checkpoints. */
final class Deleter {
  private final CheckpointStorage storage;
  private final Heads heads;
  private final Slots slots;
  private final Resolver resolver;
  private final Reclaimer reclaimer;

  Deleter(
      CheckpointStorage storage, Heads heads, Slots slots, Resolver resolver, Reclaimer reclaimer) {
    this.storage = storage;
    this.heads = heads;
    this.slots = slots;
    this.resolver = resolver;
    this.reclaimer = reclaimer;
  }

  /** Removes what a name stands for; whether there was anything. */
  Mono<Boolean> delete(String name) {
    return Mono.defer(() -> slots.read(StoreNames.requireUserName(name)))
        .flatMap(
            slot ->
                drop(name, slot)
                    .flatMap(dropped -> remove(name, slot).map(removed -> dropped || removed)));
  }

  /** A commit that belongs under the name and is not there yet goes too, or it would come back. */
  private Mono<Boolean> drop(String name, Slot slot) {
    return resolver
        .pendingHead(name, slot)
        .mapNotNull(Head::latest)
        .flatMap(
            latest ->
                settle(latest.entry()).then(reclaimer.released(latest.entry())).thenReturn(true))
        .defaultIfEmpty(false);
  }

  private Mono<Boolean> remove(String name, Slot slot) {
    String version = slot.version();
    if (version == null) {
      return Mono.just(false);
    }
    @Nullable Entry entry = slot instanceof Slot.Managed managed ? managed.entry() : null;
    return Mono.justOrEmpty(Optional.ofNullable(entry))
        .flatMap(this::settle)
        .then(storage.delete(name, version))
        .flatMap(
            removed ->
                entry == null ? Mono.just(removed) : reclaimer.released(entry).thenReturn(removed));
  }

  private Mono<Void> settle(Entry entry) {
    return heads.settle(entry.metadata().kernelId(), entry.mark().nonce());
  }
}
