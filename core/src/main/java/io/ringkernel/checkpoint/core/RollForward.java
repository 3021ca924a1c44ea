package io.ringkernel.checkpoint.core;

import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Finishes commits of writers that got no further than the head. */
final class RollForward {
  private final Slots slots;

  RollForward(Slots slots) {
    this.slots = slots;
  }

  /**
   * Writes the entries of a head's commits, but for those that were written or whose names were
   * taken.
   *
   * @param head as it was read, however long ago: what its commits found does not come back
   */
  Mono<Void> finish(Head head) {
    return Flux.fromIterable(head.commits()).concatMap(this::finish, 1).then();
  }

  /** The same for one commit. */
  Mono<Void> finish(Head.Latest commit) {
    return slots
        .read(commit.name())
        .filter(slot -> slot.holds(commit.base()))
        .flatMap(slot -> slots.write(commit.name(), commit.entry(), commit.base()))
        .onErrorComplete(Failures::isRefusal)
        .then();
  }
}
