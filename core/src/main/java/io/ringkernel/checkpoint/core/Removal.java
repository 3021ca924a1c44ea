package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.core.CollectReport.Garbage;
import io.ringkernel.checkpoint.error.CheckpointException;
import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.internal.Spans;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import io.ringkernel.checkpoint.storage.StoredObject;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The second half of a collection: condemns what was found, looks again, removes what is still
 * garbage. It removes nothing that no tombstone of its own names. For one use.
 */
final class Removal {
  private static final int DELETES_IN_FLIGHT = 16;

  /** What fits into one tombstone, or record of the journal, with room to spare. */
  private static final int MOST_IN_A_RECORD = 100_000;

  /** What is removed at once when there is no room for a tombstone that names everything. */
  static final int FEW = 1000;

  private final CheckpointStorage storage;
  private final Tombstones tombstones;
  private final Journal journal;
  private final RandomIds ids;
  private final NameClearer clearer;
  private final Survey survey;
  private final Scan scan;
  private final CollectOptions options;
  private final Set<ObjectId> condemned = ConcurrentHashMap.newKeySet();
  private final Set<ObjectId> gone = ConcurrentHashMap.newKeySet();
  private final Set<ObjectId> removed = ConcurrentHashMap.newKeySet();
  private final Map<ObjectId, String> failures = new ConcurrentHashMap<>();

  Removal(
      CheckpointStorage storage,
      Tombstones tombstones,
      Journal journal,
      RandomIds ids,
      NameClearer clearer,
      Survey survey,
      Scan scan,
      CollectOptions options) {
    this.storage = storage;
    this.tombstones = tombstones;
    this.journal = journal;
    this.ids = ids;
    this.clearer = clearer;
    this.survey = survey;
    this.scan = scan;
    this.options = options;
  }

  /**
   * Runs it.
   *
   * @param referred reads anew what is referred to
   */
  Mono<CollectReport> run(Mono<Set<ObjectId>> referred) {
    List<ObjectId> garbage =
        Stream.concat(survey.due().stream(), survey.fresh().stream()).map(Garbage::id).toList();
    if (garbage.isEmpty()) {
      return tidy().then(Mono.fromSupplier(() -> report(Set.of())));
    }
    return condemn(garbage)
        .flatMap(
            own ->
                Mono.fromRunnable(scan::beginSecond)
                    .then(referred)
                    .flatMap(
                        still ->
                            remove(still)
                                .then(Mono.defer(() -> settle(own, still)))
                                .thenReturn(still)))
        .flatMap(still -> tidy().then(Mono.fromSupplier(() -> report(still))));
  }

  /** Writes tombstones; where a storage has no room for that, for a few objects only. */
  private Mono<List<Tombstones.Standing>> condemn(List<ObjectId> garbage) {
    return Flux.fromIterable(batches(garbage))
        .concatMap(this::condemnAll)
        .onErrorResume(
            e -> SpaceReserve.mayBeFull(e) && (garbage.size() > FEW || !condemned.isEmpty()),
            e -> condemned.isEmpty() ? condemnAll(garbage.subList(0, FEW)).flux() : Flux.empty())
        .collectList();
  }

  private Mono<Tombstones.Standing> condemnAll(List<ObjectId> batch) {
    return ids.next()
        .flatMap(id -> tombstones.write(id, batch))
        .doOnNext(standing -> condemned.addAll(batch));
  }

  private static List<List<ObjectId>> batches(List<ObjectId> all) {
    List<List<ObjectId>> batches = new ArrayList<>();
    for (int from = 0; from < all.size(); from += MOST_IN_A_RECORD) {
      batches.add(all.subList(from, Math.min(all.size(), from + MOST_IN_A_RECORD)));
    }
    return batches;
  }

  private Mono<Void> remove(Set<ObjectId> referred) {
    List<ObjectId> going =
        survey.due().stream()
            .map(Garbage::id)
            .filter(id -> condemned.contains(id) && !referred.contains(id))
            .toList();
    return Flux.fromIterable(batches(going)).concatMap(this::removeAll).then();
  }

  private Mono<Void> removeAll(List<ObjectId> going) {
    String policy = "what nothing refers to, after a grace of " + Spans.words(options.grace());
    return journal
        .begin(JournalRecord.Action.COLLECT, policy, List.of(), going)
        .flatMap(
            begun ->
                Flux.fromIterable(going)
                    .flatMap(this::remove, DELETES_IN_FLIGHT)
                    .then(
                        Mono.defer(
                            () ->
                                journal.end(
                                    begun,
                                    List.of(),
                                    going.stream().filter(removed::contains).toList()))));
  }

  private Mono<Void> remove(ObjectId id) {
    StoredObject object = Objects.requireNonNull(survey.objects().get(id), "it was found there");
    return storage
        .delete(object.name(), object.version())
        .doOnNext(
            done -> {
              if (done) {
                removed.add(id);
              }
            })
        .then()
        // Another collector was faster.
        .onErrorComplete(Failures::isRefusal)
        .doOnSuccess(done -> gone.add(id))
        .onErrorResume(
            CheckpointException.class,
            e -> {
              failures.put(id, String.valueOf(e.getMessage()));
              return Mono.empty();
            });
  }

  /** Takes back what is not garbage after all; what is still to be removed stays condemned. */
  private Mono<Void> settle(List<Tombstones.Standing> own, Set<ObjectId> referred) {
    Set<ObjectId> left = new HashSet<>(failures.keySet());
    survey.fresh().forEach(garbage -> left.add(garbage.id()));
    left.removeAll(referred);
    return Flux.fromIterable(own)
        .concatMap(
            tombstone -> {
              Set<ObjectId> objects = new HashSet<>(Objects.requireNonNull(tombstone.objects()));
              boolean all = !objects.retainAll(left);
              return all ? Mono.empty() : tombstones.narrow(tombstone, objects);
            })
        .then();
  }

  /**
   * Takes away the tombstones of others, dead or alive, whose objects are gone; not while one's
   * delete may be on its way that would hit the same object when it is imported anew.
   */
  private Mono<Void> tidy() {
    return Flux.fromIterable(survey.standing())
        .filter(tombstone -> clearer.isLongAgo(tombstone.at(), scan))
        .filter(
            tombstone -> {
              Set<ObjectId> objects = tombstone.objects();
              return objects != null && objects.stream().noneMatch(this::isThere);
            })
        .concatMap(tombstone -> tombstones.narrow(tombstone, List.of()))
        .then();
  }

  private boolean isThere(ObjectId id) {
    return survey.objects().containsKey(id) && !gone.contains(id);
  }

  private CollectReport report(Set<ObjectId> referred) {
    List<Garbage> taken = survey.due().stream().filter(one -> removed.contains(one.id())).toList();
    List<Garbage> kept = new ArrayList<>(survey.waiting());
    kept.addAll(survey.fresh());
    survey.due().stream().filter(one -> !gone.contains(one.id())).forEach(kept::add);
    kept.removeIf(one -> referred.contains(one.id()));
    List<String> notes = new ArrayList<>(scan.notes());
    failures.forEach((id, failure) -> notes.add("object " + id + " was not removed: " + failure));
    survey.due().stream()
        .filter(one -> !condemned.contains(one.id()))
        .findAny()
        .ifPresent(
            left ->
                notes.add(
                    "the storage is full, so that not all was removed at once: collect again"));
    int garbage = survey.due().size() + survey.waiting().size() + survey.fresh().size();
    return new CollectReport(
        false,
        taken,
        kept,
        survey.objects().size(),
        survey.objects().size() - garbage,
        scan.pins(),
        scan.leasesEnd(),
        notes);
  }
}
