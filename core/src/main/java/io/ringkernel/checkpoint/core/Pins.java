package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.error.StorageException;
import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * The savers' side of the protocol between savers and collectors, which {@code docs/store.md} has:
 * writes, checks, renews and releases pins.
 */
final class Pins {
  /**
   * What a delta is written against. An entry that names the object and these ancestors must be
   * under the name, or a commit for it still on its way there.
   *
   * @param name of the checkpoint
   * @param object that its entry names
   * @param ancestors that its entry names
   */
  record Base(String name, ObjectId object, List<ObjectId> ancestors) {
    Base {
      ancestors = List.copyOf(ancestors);
    }

    Stream<ObjectId> objects() {
      return Stream.concat(Stream.of(object), ancestors.stream());
    }

    static Base of(String name, StoredFile file) {
      return new Base(name, file.objectId(), file.ancestors());
    }
  }

  /**
   * What a save wants to be kept.
   *
   * @param kernelId whose head it will write
   * @param object that it will write
   * @param base that its object may refer to, with its ancestors; null for a full checkpoint
   * @param entryName the entry that it will write without a head; null when it commits by the head
   */
  record Wanted(String kernelId, ObjectId object, @Nullable Base base, @Nullable String entryName) {
    /** For a save that commits by its kernel's head. */
    static Wanted of(String kernelId, ObjectId object, @Nullable Base base) {
      return new Wanted(kernelId, object, base, null);
    }

    private List<ObjectId> objects() {
      return base == null
          ? List.of(object)
          : Stream.concat(Stream.of(object), base.objects()).toList();
    }
  }

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
   * looks whether {@link Pin#isBaseUsable its base can be used}, and calls {@link Pin#requireHeld}
   * between reading the record that its commit is conditional on and writing it.
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
            pin.write()
                .then(Mono.defer(() -> check(pin, wanted)))
                .then(Mono.defer(() -> work.apply(pin)))
                .takeUntilOther(pin.renewing()),
        Pin::release,
        (pin, error) -> pin.release(),
        Pin::release);
  }

  private Pin pin(ObjectId id, Wanted wanted) {
    PinRecord record =
        new PinRecord(wanted.kernelId(), wanted.entryName(), lease, 0, false, wanted.objects());
    return new Pin(storage, small, timer, StoreNames.pin(id), record);
  }

  /**
   * The order matters. A collection that had condemned an object and was done before the tombstones
   * were read has removed it from under an entry that was gone by then: the entry is looked at
   * last.
   */
  private Mono<Void> check(Pin pin, Wanted wanted) {
    return tombstones
        .condemned()
        .flatMap(
            condemned -> {
              if (condemned.has(wanted.object()) && !condemned.all()) {
                return Mono.error(beingRemoved(wanted.object()));
              }
              Base base = wanted.base();
              return base == null || base.objects().anyMatch(condemned::has)
                  ? Mono.empty()
                  : isThere(base).doOnNext(pin::baseChecked).then();
            });
  }

  /** Only a file that is imported again, and keeps its id, can meet this. */
  private static StorageException beingRemoved(ObjectId id) {
    return new StorageException(
        "an older object " + id + " is just being removed; save again", true, null);
  }

  private Mono<Boolean> isThere(Base base) {
    return resolver
        .resolve(base.name())
        .map(
            located ->
                located instanceof Located.InObject managed
                    && base.equals(Base.of(base.name(), managed.entry().file())))
        .onErrorResume(Failures::isDamage, e -> Mono.just(false));
  }
}
