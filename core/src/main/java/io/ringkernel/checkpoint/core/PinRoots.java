package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What savers have pinned, and the breaking of pins whose lease is over. */
final class PinRoots implements RootSource {
  private static final int READS_IN_FLIGHT = 16;

  private final CheckpointStorage storage;
  private final SmallObjects small;
  private final Heads heads;
  private final Slots slots;
  private final Resolver resolver;

  PinRoots(
      CheckpointStorage storage, SmallObjects small, Heads heads, Slots slots, Resolver resolver) {
    this.storage = storage;
    this.small = small;
    this.heads = heads;
    this.slots = slots;
    this.resolver = resolver;
  }

  @Override
  public Flux<ObjectId> roots(Scan scan) {
    return storage
        .list(StoreNames.PINS)
        .flatMap(
            object ->
                small
                    .read(object.name(), RecordKind.PIN)
                    .flatMapMany(start -> objects(scan, start))
                    .onErrorMap(Failures::isDamage, e -> Failures.unreadable(object.name(), e)),
            READS_IN_FLIGHT);
  }

  private Flux<ObjectId> objects(Scan scan, SmallObjects.Start start) {
    PinRecord pin = PinRecord.decode(start.bytes());
    if (!scan.isFirst() || !pin.isOver(start.object().lastModified(), scan.now())) {
      scan.countPin();
      return Flux.fromIterable(pin.objects());
    }
    if (!scan.mayChange()) {
      return Flux.empty();
    }
    return end(start, pin)
        .doOnSuccess(done -> scan.note("the lease of a save of " + pin.subject() + " is over"))
        .thenMany(Flux.<ObjectId>empty())
        // It was renewed or released after all; the next reading tells which.
        .onErrorResume(Failures::isRefusal, e -> Flux.fromIterable(pin.objects()));
  }

  /**
   * Ends a pin in three steps, so that a collector that dies in between leaves it to the next one:
   * breaks it, so that its writer is refused when it looks; changes the record that its commit is
   * conditional on, so that it is refused also when it has looked already; removes it.
   */
  private Mono<Void> end(SmallObjects.Start start, PinRecord pin) {
    String name = start.object().name();
    Mono<String> broken =
        pin.broken()
            ? Mono.just(start.object().version())
            : small
                .write(name, pin.asBroken().encode(), start.object().version())
                .map(written -> written.version());
    return broken.flatMap(
        version ->
            fenceHead(pin)
                .then(fenceEntry(pin))
                .then(storage.delete(name, version).then().onErrorComplete(Failures::isRefusal)));
  }

  private Mono<Void> fenceHead(PinRecord pin) {
    return Mono.justOrEmpty(pin.kernelId()).flatMap(heads::fence);
  }

  private Mono<Void> fenceEntry(PinRecord pin) {
    return Mono.justOrEmpty(pin.entryName()).flatMap(name -> fenceEntry(name, 1));
  }

  /** A commit that waits to replace what is there is written now: it must not become void. */
  private Mono<Void> fenceEntry(String name, int attempt) {
    return slots
        .read(name)
        .flatMap(
            slot ->
                resolver
                    .pending(name, slot)
                    .map(commit -> slots.write(name, commit.entry(), commit.base()).then())
                    .defaultIfEmpty(Mono.defer(() -> slots.fence(name, slot)))
                    .flatMap(change -> change))
        .onErrorResume(
            e -> Failures.isRefusal(e) && attempt < Heads.MOST_ATTEMPTS,
            e -> fenceEntry(name, attempt + 1));
  }
}
