package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.internal.FirstFailure;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import io.ringkernel.checkpoint.storage.StoredObject;
import java.time.Instant;
import java.util.List;
import java.util.function.Supplier;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What savers have pinned; pins whose lease is over are ended. */
final class PinRoots implements RootSource {
  private static final int READS_IN_FLIGHT = 16;

  /** How many are looked at together: what is remembered of them at a time. */
  private static final int BATCH = 1000;

  private final CheckpointStorage storage;
  private final SmallObjects small;
  private final Supplier<LapsedPins> ending;

  /**
   * @param ending ends pins, each for some of them
   */
  PinRoots(CheckpointStorage storage, SmallObjects small, Supplier<LapsedPins> ending) {
    this.storage = storage;
    this.small = small;
    this.ending = ending;
  }

  @Override
  public Flux<ObjectId> roots(Scan scan) {
    return storage
        .list(StoreNames.PINS)
        .map(StoredObject::name)
        .buffer(BATCH)
        .concatMap(names -> roots(scan, names), 1);
  }

  private Flux<ObjectId> roots(Scan scan, List<String> names) {
    LapsedPins lapsed = ending.get();
    return FirstFailure.of(
            Flux.fromIterable(names),
            name ->
                small
                    .read(name, RecordKind.PIN)
                    .flatMapMany(start -> objects(scan, start, lapsed))
                    .collectList()
                    .onErrorMap(Failures::isUnusable, e -> Failures.unreadable(name, e)),
            READS_IN_FLIGHT)
        .flatMapIterable(found -> found)
        .concatWith(Mono.defer(() -> lapsed.end(scan.pinNotes()::lapsed)).then(Mono.empty()));
  }

  private Flux<ObjectId> objects(Scan scan, SmallObjects.Start start, LapsedPins lapsed) {
    PinRecord pin = PinRecord.decode(start.bytes());
    if (!scan.isFirst() || !pin.isOver(start.object().lastModified(), scan.now())) {
      scan.countPin(pin, start.object().lastModified());
      return restamp(scan, start, pin).thenMany(Flux.fromIterable(pin.objects()));
    }
    if (!scan.mayChange()) {
      return Flux.empty();
    }
    return lapsed
        .breakOff(start, pin)
        .thenMany(Flux.<ObjectId>empty())
        // It was renewed or released after all; the next reading tells which.
        .onErrorResume(Failures::isRefusal, e -> Flux.fromIterable(pin.objects()));
  }

  /**
   * Begins the lease of a pin anew whose stamp is in the future, as when the clock was put back: it
   * would count until that time comes, be its saver dead or alive. A saver that lives takes the
   * change for a renewal of its own.
   */
  private Mono<Void> restamp(Scan scan, SmallObjects.Start start, PinRecord pin) {
    String name = start.object().name();
    Instant stamp = start.object().lastModified();
    if (!scan.isFirst() || !scan.isAhead(stamp)) {
      return Mono.empty();
    }
    if (!scan.mayChange()) {
      return Mono.fromRunnable(() -> scan.pinNotes().ahead(pin, name, stamp, scan.now()));
    }
    return small
        .write(name, pin.renewed().encode(), start.object().version())
        // Not when it was only the way to this pin that took so long.
        .filter(written -> stamp.isAfter(written.lastModified().plus(Scan.TOLERATED)))
        .doOnNext(written -> scan.pinNotes().ahead(pin, name, stamp, written.lastModified()))
        .then()
        .onErrorComplete(Failures::isRefusal);
  }
}
