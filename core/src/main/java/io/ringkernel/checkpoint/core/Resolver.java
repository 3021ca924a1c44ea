package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.error.CheckpointNotFoundException;
import reactor.core.publisher.Flux;
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
        .flatMap(slot -> resolve(name, slot));
  }

  private Mono<Located> resolve(String name, Slot slot) {
    return pending(name, slot)
        .<Located>map(commit -> new Located.InObject(name, commit.entry()))
        .switchIfEmpty(located(name, slot));
  }

  /**
   * The same for who has a kernel's head at hand, for a checkpoint of that kernel: what other
   * kernels' heads say of the name is not asked for.
   */
  Mono<Located> resolve(String name, Head head) {
    return slots
        .read(name)
        .flatMap(
            slot ->
                Mono.justOrEmpty(head.awaited(name, slot))
                    .<Located>map(commit -> new Located.InObject(name, commit.entry()))
                    .switchIfEmpty(located(name, slot)));
  }

  /**
   * The commit that belongs under a name and is not there yet, if there is one. Entries and
   * placeholders tell the one kernel whose head may hold it. Where there is something else all
   * heads are asked, which costs a read for each kernel on the way to a file that is nobody's.
   */
  Mono<Head.Latest> pending(String name, Slot slot) {
    return heads(name, slot)
        .mapNotNull(head -> head.awaited(name, slot).orElse(null))
        .collectList()
        .flatMap(commits -> Mono.justOrEmpty(slot.awaited(commits.stream())));
  }

  /**
   * A head that is damaged hides nothing but a later state of what has an entry; a placeholder may
   * be all that there is of a checkpoint.
   */
  private Flux<Head> heads(String name, Slot slot) {
    if (slot instanceof Slot.Absent || slot instanceof Slot.Clearing) {
      return Flux.empty();
    }
    String kernelId = slot.awaits();
    if (kernelId == null) {
      return heads.all();
    }
    Mono<Head> head = heads.read(kernelId).map(Heads.Found::head);
    return slot instanceof Slot.Vacant
        ? head.onErrorMap(HeadDamage::is, e -> HeadDamage.hides(name, e)).flux()
        : head.onErrorComplete(Failures::isUnusable).flux();
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
