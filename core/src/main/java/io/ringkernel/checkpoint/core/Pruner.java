package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.core.PruneReport.Decision;
import io.ringkernel.checkpoint.core.PruneReport.Fate;
import io.ringkernel.checkpoint.core.RetentionRule.Candidate;
import io.ringkernel.checkpoint.error.CheckpointException;
import io.ringkernel.checkpoint.error.InvalidOptionException;
import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.internal.FirstFailure;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Removes the checkpoints that a policy does not keep. */
final class Pruner {
  private static final int READS_IN_FLIGHT = 8;
  private static final int MOST_IN_A_RECORD = 500;

  private final CheckpointStorage storage;
  private final Heads heads;
  private final Catalog catalog;
  private final Verifier verifier;
  private final Deleter deleter;
  private final Journal journal;

  Pruner(
      CheckpointStorage storage,
      Heads heads,
      Catalog catalog,
      Verifier verifier,
      Deleter deleter,
      Journal journal) {
    this.storage = storage;
    this.heads = heads;
    this.catalog = catalog;
    this.verifier = verifier;
    this.deleter = deleter;
    this.journal = journal;
  }

  /**
   * One pruning.
   *
   * @param waiting what is still to be copied to a far tier
   */
  Mono<PruneReport> prune(
      RetentionPolicy policy, PruneOptions options, Predicate<CheckpointInfo> waiting) {
    return catalog
        .list(options.prefix())
        .collectList()
        .flatMap(
            listed -> {
              List<UnreadableCheckpoint> unreadable =
                  listed.stream()
                      .filter(UnreadableCheckpoint.class::isInstance)
                      .map(UnreadableCheckpoint.class::cast)
                      .toList();
              Set<String> withBareDeltas = withBareDeltas(listed);
              return Flux.fromIterable(byKernel(listed, options).entrySet())
                  .concatMap(
                      kernel ->
                          decide(policy, kernel.getKey(), kernel.getValue(), waiting)
                              .doOnNext(
                                  verdicts ->
                                      verdicts.keepBases(withBareDeltas.contains(kernel.getKey()))),
                      1)
                  .collectList()
                  .flatMap(kernels -> report(policy, options, kernels, unreadable));
            });
  }

  private Mono<PruneReport> report(
      RetentionPolicy policy,
      PruneOptions options,
      List<Verdicts> kernels,
      List<UnreadableCheckpoint> unreadable) {
    List<Decision> decisions =
        kernels.stream().flatMap(verdicts -> verdicts.decisions().stream()).toList();
    Set<String> unknownKeys = new TreeSet<>(decisions.isEmpty() ? Set.of() : policy.metadataKeys());
    kernels.forEach(verdicts -> unknownKeys.removeAll(verdicts.knownKeys));
    if (!unknownKeys.isEmpty() && isRefused(options, decisions)) {
      return Mono.error(unmatched(unknownKeys.iterator().next()));
    }
    Set<String> unknownTags = new TreeSet<>(decisions.isEmpty() ? Set.of() : policy.tags());
    decisions.forEach(decision -> unknownTags.removeAll(decision.checkpoint().tags()));
    return (options.isDryRun() ? Mono.just(decisions) : carryOut(policy, decisions))
        .map(
            done ->
                new PruneReport(
                    options.isDryRun(),
                    policy.toString(),
                    done,
                    unreadable,
                    kernels.stream().flatMap(verdicts -> verdicts.head().stream()).toList(),
                    List.copyOf(unknownKeys),
                    List.copyOf(unknownTags)));
  }

  private static boolean isRefused(PruneOptions options, List<Decision> decisions) {
    return !options.isDryRun()
        && !options.allowsUnmatched()
        && decisions.stream().anyMatch(decision -> decision.fate() == Fate.REMOVED);
  }

  private static InvalidOptionException unmatched(String key) {
    return new InvalidOptionException(
        "keepBest",
        "no checkpoint has a number in its custom entry '"
            + key
            + "', so that nothing would be kept for it; nothing was removed: correct the key, or set"
            + " PruneOptions.allowUnmatched()",
        null);
  }

  private static Map<String, List<CheckpointInfo>> byKernel(
      List<ListedCheckpoint> listed, PruneOptions options) {
    Map<String, List<CheckpointInfo>> byKernel = new TreeMap<>();
    for (ListedCheckpoint one : listed) {
      if (one instanceof CheckpointInfo info && info.managed()) {
        String kernelId = info.metadata().kernelId();
        if (options.kernelId().map(kernelId::equals).orElse(true)) {
          byKernel.computeIfAbsent(kernelId, id -> new ArrayList<>()).add(info);
        }
      }
    }
    byKernel.replaceAll((id, infos) -> Newest.newestFirst(infos));
    return byKernel;
  }

  /** Kernels of which there are deltas that nobody prunes, and that may be upon anything. */
  private static Set<String> withBareDeltas(List<ListedCheckpoint> listed) {
    return listed.stream()
        .filter(CheckpointInfo.class::isInstance)
        .map(CheckpointInfo.class::cast)
        .filter(info -> !info.managed() && Verdicts.namesNoBase(info))
        .map(info -> info.metadata().kernelId())
        .collect(Collectors.toSet());
  }

  /** What becomes of one kernel's checkpoints. */
  private Mono<Verdicts> decide(
      RetentionPolicy policy,
      String kernelId,
      List<CheckpointInfo> newestFirst,
      Predicate<CheckpointInfo> waiting) {
    return FirstFailure.inOrder(
            Flux.fromIterable(newestFirst), info -> candidate(policy, info), READS_IN_FLIGHT)
        .collectList()
        .map(candidates -> new Verdicts(policy, candidates, waiting))
        .flatMap(
            verdicts ->
                (verdicts.keepsAll() ? Mono.<Void>empty() : keepNewest(verdicts, newestFirst))
                    .then(Mono.defer(() -> lookAtHead(verdicts, kernelId, newestFirst)))
                    .thenReturn(verdicts));
  }

  private Mono<Void> keepNewest(Verdicts verdicts, List<CheckpointInfo> newestFirst) {
    return newestRestorable(newestFirst)
        .doOnNext(verdicts::keepNewest)
        .switchIfEmpty(Mono.fromRunnable(verdicts::keepSinceNoneCanBeRestored))
        .then();
  }

  /** The numbers don't tell which is newer when the head was lost, until a repair. */
  private Mono<Void> lookAtHead(Verdicts verdicts, String kernelId, List<CheckpointInfo> infos) {
    CommitNumbers numbers = new CommitNumbers();
    infos.forEach(numbers::add);
    return heads
        .inspect(kernelId)
        .mapNotNull(found -> found.lacking(numbers))
        .map(HeadDamage::advised)
        .doOnNext(damage -> verdicts.keepUnordered())
        // What it counts can't be told; that two commits have one number can.
        .onErrorResume(
            Failures::isUnreadable,
            e -> {
              if (numbers.areDoubled()) {
                verdicts.keepUnordered();
              }
              return Mono.just((CheckpointException) e);
            })
        .doOnNext(
            finding ->
                verdicts.tellOf(new HeadReport(StoreNames.head(kernelId), kernelId, finding)))
        .then();
  }

  /** Custom metadata is in the object: a few KiB at its beginning, read only if a rule asks. */
  private Mono<Candidate> candidate(RetentionPolicy policy, CheckpointInfo info) {
    ObjectId id = info.objectId();
    if (policy.metadataKeys().isEmpty() || id == null) {
      return Mono.just(new Candidate(info, Map.of()));
    }
    return catalog
        .metadata(id)
        .map(metadata -> new Candidate(info, metadata.custom()))
        .onErrorResume(Failures::isUnusable, e -> Mono.just(new Candidate(info, Map.of())));
  }

  /** All prunings, also those at the same time, keep this one: so they never remove the last. */
  private Mono<CheckpointInfo> newestRestorable(List<CheckpointInfo> newestFirst) {
    return Flux.fromIterable(newestFirst)
        .concatMap(info -> isRestorable(info).filter(whole -> whole).map(whole -> info), 1)
        .next();
  }

  private Mono<Boolean> isRestorable(CheckpointInfo info) {
    Mono<Boolean> ancestors =
        Flux.fromIterable(info.ancestors())
            .flatMap(id -> storage.exists(StoreNames.object(id)), READS_IN_FLIGHT)
            .all(there -> there);
    return verifier
        .verify(info.name(), VerifyDepth.QUICK)
        .map(VerifyReport::isWhole)
        .onErrorResume(Failures::isUnusable, e -> Mono.just(false))
        .flatMap(whole -> whole ? ancestors : Mono.just(false));
  }

  /**
   * Some at a time, so that a record of the journal stays small: a full storage has room for it.
   */
  private Mono<List<Decision>> carryOut(RetentionPolicy policy, List<Decision> decisions) {
    return Flux.fromIterable(decisions)
        .buffer(MOST_IN_A_RECORD)
        .concatMap(some -> carryOutSome(policy, some), 1)
        .collect(ArrayList::new, List::addAll);
  }

  private Mono<List<Decision>> carryOutSome(RetentionPolicy policy, List<Decision> decisions) {
    List<CheckpointInfo> going = removed(decisions);
    if (going.isEmpty()) {
      return Mono.just(decisions);
    }
    return journal
        .begin(JournalRecord.Action.PRUNE, policy.toString(), going, List.of())
        .flatMap(
            begun ->
                Flux.fromIterable(decisions)
                    .concatMap(this::carryOut, 1)
                    .collectList()
                    .flatMap(
                        done -> journal.end(begun, removed(done), List.of()).thenReturn(done)));
  }

  private static List<CheckpointInfo> removed(List<Decision> decisions) {
    return decisions.stream()
        .filter(decision -> decision.fate() == Fate.REMOVED)
        .map(Decision::checkpoint)
        .toList();
  }

  private Mono<Decision> carryOut(Decision decision) {
    return decision.fate() == Fate.REMOVED
        ? deleter
            .deleteIf(decision.checkpoint())
            .map(
                done ->
                    done
                        ? decision
                        : new Decision(
                            decision.checkpoint(),
                            Fate.CHANGED,
                            List.of("it was changed or removed meanwhile")))
        : Mono.just(decision);
  }
}
