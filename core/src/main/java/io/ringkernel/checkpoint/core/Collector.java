package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.storage.StoredObject;
import java.time.Clock;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The collectors' side of the protocol between savers and collectors, which {@code docs/store.md}
 * has: finds the objects that nothing refers to, condemns them, looks again, and removes them.
 */
final class Collector {
  private final SpaceReserve storage;
  private final Tombstones tombstones;
  private final CutRecords cuts;
  private final Journal journal;
  private final StoreClock storeClock;
  private final RandomIds ids;
  private final Clock clock;
  private final Slots slots;
  private final List<RootSource> sources;

  /**
   * @param clock for dry runs, which can't ask the storage's without writing
   * @param sources in the order in which a reference moves
   */
  Collector(
      SpaceReserve storage,
      Tombstones tombstones,
      CutRecords cuts,
      Journal journal,
      StoreClock storeClock,
      RandomIds ids,
      Clock clock,
      Slots slots,
      List<RootSource> sources) {
    this.storage = storage;
    this.tombstones = tombstones;
    this.cuts = cuts;
    this.journal = journal;
    this.storeClock = storeClock;
    this.ids = ids;
    this.clock = clock;
    this.slots = slots;
    this.sources = List.copyOf(sources);
  }

  /** One collection. Where nothing was ever saved there is no garbage, and no store is made. */
  Mono<CollectReport> collect(CollectOptions options) {
    return isUsed()
        .flatMap(
            used ->
                used
                    ? slots.folders().requireOwn().then(Mono.defer(() -> collectUsed(options)))
                    : Mono.just(nothing(options)));
  }

  /** The first save leaves the reserve; only on a full storage that is given up. */
  private Mono<Boolean> isUsed() {
    return storage
        .exists(StoreNames.RESERVE)
        .flatMap(there -> there ? Mono.just(true) : storage.list(StoreNames.OWN).hasElements());
  }

  private static CollectReport nothing(CollectOptions options) {
    return new CollectReport(options.isDryRun(), List.of(), List.of(), 0, 0, 0, null, List.of());
  }

  private Mono<CollectReport> collectUsed(CollectOptions options) {
    Mono<Scan> scan =
        options.isDryRun()
            ? Mono.fromSupplier(() -> new Scan(clock.instant(), true))
            : storeClock.now().map(now -> new Scan(now, false));
    return scan.flatMap(
        begun ->
            survey(begun, options)
                .flatMap(
                    survey ->
                        options.isDryRun()
                            ? Mono.just(survey.forecast(begun))
                            : removal(survey, begun, options)
                                .run(referred(begun))
                                .flatMap(report -> tidied(begun, report))));
  }

  private Removal removal(Survey survey, Scan begun, CollectOptions options) {
    return new Removal(storage, tombstones, journal, ids, slots.clearer(), survey, begun, options);
  }

  /** What has nothing to do with objects comes last: there is room by then. */
  private Mono<CollectReport> tidied(Scan begun, CollectReport report) {
    return cuts.tidy(begun.now()).then(storage.keep()).thenReturn(report);
  }

  /**
   * What there is and what is garbage. Tombstones are read before objects: those that one of them
   * names and that are not there are gone for good.
   */
  private Mono<Survey> survey(Scan scan, CollectOptions options) {
    return tombstones
        .all()
        .collectList()
        .flatMap(
            standing ->
                objects()
                    .flatMap(
                        objects ->
                            referred(scan)
                                .map(
                                    referred ->
                                        new Survey(standing, objects, referred, scan, options))));
  }

  private Mono<Map<ObjectId, StoredObject>> objects() {
    return storage
        .list(StoreNames.OBJECTS)
        .doOnNext(this::requireHidesNothing)
        .collect(
            TreeMap::new,
            (found, object) ->
                StoreNames.objectId(object.name()).ifPresent(id -> found.put(id, object)));
  }

  /** Of a hidden object it would be thought that it is gone, and condemned no longer. */
  private void requireHidesNothing(StoredObject object) {
    if (slots.folders().areNeeded && StoreNames.isObjectFolder(object.name())) {
      throw Folders.hidesOwn(object.name());
    }
  }

  /**
   * Everything that is referred to, read anew with each subscription. What might have hidden some
   * of it is looked for afterwards.
   */
  private Mono<Set<ObjectId>> referred(Scan scan) {
    return Flux.fromIterable(sources)
        .concatMap(source -> source.roots(scan), 1)
        .<Set<ObjectId>>collect(HashSet::new, Set::add)
        .flatMap(found -> slots.folders().requireOwn().thenReturn(found));
  }
}
