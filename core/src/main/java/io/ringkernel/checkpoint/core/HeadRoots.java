package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.format.ObjectId;
import reactor.core.publisher.Flux;

/** What commits refer to whose entry is not under its name yet. */
final class HeadRoots implements RootSource {
  private static final int READS_IN_FLIGHT = 16;

  private final Heads heads;
  private final Slots slots;

  HeadRoots(Heads heads, Slots slots) {
    this.heads = heads;
    this.slots = slots;
  }

  @Override
  public Flux<ObjectId> roots(Scan scan) {
    return heads.allOrNone().flatMap(this::objects, READS_IN_FLIGHT);
  }

  private Flux<ObjectId> objects(Head head) {
    return Flux.fromIterable(head.commits()).concatMap(this::objects, 1);
  }

  private Flux<ObjectId> objects(Head.Latest commit) {
    return slots
        .read(commit.name())
        .filter(slot -> slot.holds(commit.base()))
        .flatMapMany(slot -> Flux.fromStream(() -> commit.entry().objects()));
  }
}
