package io.ringkernel.checkpoint.core;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Finishes commits of writers that got no further than the head. */
final class RollForward {
  private final Heads heads;
  private final Slots slots;

  RollForward(Heads heads, Slots slots) {
    this.heads = heads;
    this.slots = slots;
  }

  /**
   * Writes the entry of a head's latest commit, unless that was done or the name was taken. The
   * head is read again after the name: one that was deleted between head and name is not latest any
   * more, and must not come back.
   *
   * @param latest as it was read in a head
   */
  Mono<Void> finish(Head.@Nullable Latest latest) {
    if (latest == null) {
      return Mono.empty();
    }
    Entry entry = latest.entry();
    return slots
        .read(latest.name())
        .filter(slot -> slot.holds(latest.base()))
        .flatMap(slot -> heads.read(entry.metadata().kernelId()))
        .filter(now -> now.head().isLatest(entry.mark().nonce()))
        .flatMap(now -> slots.write(latest.name(), entry, latest.base()))
        .onErrorComplete(Failures::isRefusal)
        .then();
  }
}
