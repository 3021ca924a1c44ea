package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.error.StorageException;
import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * The savers' side of the protocol between savers and collectors, which {@code docs/store.md} has:
 * writes, checks, renews and releases pins.
 */
final class Pins {
  /**
   * What a save wants to be kept.
   *
   * @param kernelId whose head it will write; null for a group's manifest, which no head knows
   * @param object that it will write; null when it writes none
   * @param references the objects that it may refer to
   * @param baseName of a checkpoint whose entry names all of them; null when there is none, so that
   *     each has to be looked for
   * @param entryName the entry that it will write without a head; null when it commits by the head
   */
  record Wanted(
      @Nullable String kernelId,
      @Nullable ObjectId object,
      List<ObjectId> references,
      @Nullable String baseName,
      @Nullable String entryName) {
    Wanted {
      references = List.copyOf(references);
    }

    private List<ObjectId> objects() {
      return Stream.concat(Stream.ofNullable(object), references.stream()).toList();
    }
  }

  private static final int LOOKS_IN_FLIGHT = 16;

  private final CheckpointStorage storage;
  private final SmallObjects small;
  private final Tombstones tombstones;
  private final Resolver resolver;
  private final RandomIds ids;
  private final Duration lease;
  private final Scheduler timer;

  Pins(
      CheckpointStorage storage,
      SmallObjects small,
      Tombstones tombstones,
      Resolver resolver,
      RandomIds ids,
      Duration lease,
      Scheduler timer) {
    this.storage = storage;
    this.small = small;
    this.tombstones = tombstones;
    this.resolver = resolver;
    this.ids = ids;
    this.lease = lease;
    this.timer = timer;
  }

  /**
   * Does work under a pin, which is renewed meanwhile and released however the work ends. The work
   * looks whether {@link Pin#isReferable it can refer} to what it wants to, and calls {@link
   * Pin#requireHeld} between reading the record that its commit is conditional on and writing it.
   *
   * @param wanted what must stay
   * @param work given the pin when it is written and checked; a new attempt with each subscription
   * @return what the work gives; a transient {@link
   *     io.ringkernel.checkpoint.error.StorageException} when a collector broke the pin
   */
  <T> Mono<T> hold(Wanted wanted, Function<Pin, Mono<T>> work) {
    return Mono.usingWhen(
        ids.next().map(id -> pin(id, wanted)),
        pin ->
            Mono.firstWithSignal(
                pin.write()
                    .then(Mono.defer(() -> check(pin, wanted)))
                    .then(Mono.defer(() -> work.apply(pin))),
                pin.renewing()),
        Pin::release,
        (pin, error) -> pin.release(),
        Pin::release);
  }

  private Pin pin(ObjectId id, Wanted wanted) {
    PinRecord record =
        new PinRecord(wanted.kernelId(), wanted.entryName(), lease, 0, false, wanted.objects());
    return new Pin(storage, small, timer, id, record);
  }

  /**
   * The order matters. A collection that was done before the tombstones were read has removed what
   * it condemned, and no entry named that any more: so entry or objects are looked for last.
   */
  private Mono<Void> check(Pin pin, Wanted wanted) {
    return tombstones
        .condemned()
        .flatMap(
            condemned -> {
              ObjectId object = wanted.object();
              if (object != null && condemned.has(object) && !condemned.all()) {
                return Mono.error(beingRemoved(object));
              }
              return wanted.references().stream().anyMatch(condemned::has)
                  ? Mono.empty()
                  : areThere(wanted).doOnNext(pin::referencesChecked).then();
            });
  }

  /** Only a file that is imported again, and keeps its id, can meet this. */
  private static StorageException beingRemoved(ObjectId id) {
    return new StorageException(
        "an older object "
            + id
            + " is just being removed; save again, and if whoever removes it has died, after the next"
            + " collection but one day later",
        true,
        null);
  }

  private Mono<Boolean> areThere(Wanted wanted) {
    String baseName = wanted.baseName();
    return baseName == null
        ? Flux.fromIterable(wanted.references())
            .flatMap(id -> storage.exists(StoreNames.object(id)), LOOKS_IN_FLIGHT)
            .all(there -> there)
        : resolver
            .resolve(baseName)
            .map(
                located ->
                    located instanceof Located.InObject managed
                        && managed.entry().objects().toList().containsAll(wanted.references()))
            .onErrorResume(Failures::isUnusable, e -> Mono.just(false));
  }
}
