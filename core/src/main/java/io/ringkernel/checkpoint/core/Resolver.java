package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.error.CheckpointNotFoundException;
import java.util.Optional;
import reactor.core.publisher.Mono;

/**
 * Finds out what a name stands for. A commit whose writer got no further than the head counts, as
 * long as its name still holds what the commit found there.
 */
final class Resolver {
  private final Heads heads;
  private final Slots slots;

  Resolver(Heads heads, Slots slots) {
    this.heads = heads;
    this.slots = slots;
  }

  /** What holds a checkpoint's bytes. */
  Mono<Located> resolve(String name) {
    return Mono.defer(() -> slots.read(StoreNames.requireUserName(name)))
        .flatMap(slot -> pending(name, slot).switchIfEmpty(located(name, slot)));
  }

  /** The commit that belongs under a name and is not there yet, if there is one. */
  Mono<Located> pending(String name, Slot slot) {
    return pendingHead(name, slot)
        .map(
            head ->
                new Located.InObject(
                    name, Optional.ofNullable(head.latest()).orElseThrow().entry()));
  }

  /**
   * The head whose latest commit belongs under a name and is not there yet. Where there is an entry
   * only its own kernel's head is asked: who takes over another kernel's name and dies is not seen
   * through the name until the next save. Else all heads are asked, which costs a read for each
   * kernel, on the way to "not found" or to a file that is nobody's.
   */
  Mono<Head> pendingHead(String name, Slot slot) {
    return slot instanceof Slot.Managed managed
        ? heads
            .read(managed.entry().metadata().kernelId())
            .map(Heads.Found::head)
            .onErrorComplete(Failures::isDamage)
            .filter(head -> isPending(head, name, slot))
        : heads.all().filter(head -> isPending(head, name, slot)).next();
  }

  private static boolean isPending(Head head, String name, Slot slot) {
    Head.Latest latest = head.latest();
    return latest != null && latest.name().equals(name) && slot.holds(latest.base());
  }

  private static Mono<Located> located(String name, Slot slot) {
    if (slot instanceof Slot.Managed managed) {
      return Mono.just(new Located.InObject(name, managed.entry()));
    }
    if (slot instanceof Slot.Group group) {
      return Mono.just(new Located.Group(name, group.manifest()));
    }
    if (slot instanceof Slot.Bare bare) {
      return Mono.just(new Located.InPlace(name, bare));
    }
    return Mono.error(
        slot instanceof Slot.Unreadable unreadable
            ? unreadable.problem()
            : new CheckpointNotFoundException(name));
  }
}
