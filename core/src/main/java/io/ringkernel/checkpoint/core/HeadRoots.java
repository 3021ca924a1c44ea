package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.format.ObjectId;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

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
    return heads.allOrNone().flatMap(head -> objects(scan, head), READS_IN_FLIGHT);
  }

  private Flux<ObjectId> objects(Scan scan, Head head) {
    Head.Latest latest = head.latest();
    return latest == null
        ? Flux.empty()
        : slots
            .read(latest.name())
            .flatMapMany(
                slot -> {
                  if (slot.holds(latest.base())) {
                    return Flux.fromStream(() -> latest.entry().objects());
                  }
                  boolean placed =
                      slot instanceof Slot.Managed managed
                          && latest.is(managed.entry().mark().nonce());
                  return placed || !scan.mayChange()
                      ? Flux.empty()
                      : settle(head, latest).thenMany(Flux.empty());
                });
  }

  /**
   * Somebody else took the name first, so the commit is void. Its objects go; it must not come back
   * when the name is free again.
   */
  private Mono<Void> settle(Head head, Head.Latest latest) {
    return heads.settle(head.kernelId(), latest.entry().mark().nonce());
  }
}
