package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.core.PruneReport.Decision;
import io.ringkernel.checkpoint.core.PruneReport.Fate;
import io.ringkernel.checkpoint.core.RetentionRule.Candidate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Which checkpoints of one kernel a pruning keeps, and why. */
final class Verdicts {
  private static final String SAVEPOINT = "savepoint";
  private static final String WAITING = "not in the far tier yet";
  private static final String NEWEST = "the newest that can be restored";
  private static final String UNORDERED =
      "which is newer is unknown, since the head was damaged or lost: repair the kernel's head";
  private static final String NONE_RESTORABLE = "none of this kernel's can be restored";
  private static final String BASE = "a delta of version 1, which names no base, may be upon it";
  private static final String NO_RULE = "no rule keeps it";

  private final List<Candidate> newestFirst;
  private final Map<CheckpointInfo, Set<String>> reasons = new HashMap<>();
  private final List<RetentionRule> rules;
  private @Nullable HeadReport head;

  /** Of custom metadata: those that a rule found a number under. */
  final Set<String> knownKeys = new HashSet<>();

  Verdicts(RetentionPolicy policy, List<Candidate> newestFirst, Predicate<CheckpointInfo> waiting) {
    this.newestFirst = newestFirst;
    this.rules = policy.rules();
    for (RetentionRule rule : policy.rules()) {
      Set<Candidate> kept = rule.keeps(newestFirst);
      kept.forEach(one -> keep(one.info(), rule.words()));
      rule.metadataKey().filter(key -> !kept.isEmpty()).ifPresent(knownKeys::add);
    }
    newestFirst.stream()
        .map(Candidate::info)
        .filter(CheckpointInfo::savepoint)
        .forEach(info -> keep(info, SAVEPOINT));
    newestFirst.stream().map(Candidate::info).filter(waiting).forEach(info -> keep(info, WAITING));
  }

  private void keep(CheckpointInfo info, String reason) {
    reasons.computeIfAbsent(info, one -> new LinkedHashSet<>()).add(reason);
  }

  boolean keepsAll() {
    return reasons.size() == newestFirst.size();
  }

  void keepNewest(CheckpointInfo info) {
    keep(info, NEWEST);
  }

  /** What is said of the newest counts no longer: nobody knows which that is. */
  void keepUnordered() {
    reasons.values().forEach(why -> why.remove(NEWEST));
    newestFirst.forEach(one -> keep(one.info(), UNORDERED));
  }

  /** Something is wrong with the kernel's head. */
  void tellOf(HeadReport report) {
    head = report;
  }

  /** What is wrong with the kernel's head; empty when nothing is. */
  Optional<HeadReport> head() {
    return Optional.ofNullable(head);
  }

  /**
   * Keeps all that could be the base of a delta that stays and does not tell it.
   *
   * @param bareDeltas whether there are such deltas beside these checkpoints
   */
  void keepBases(boolean bareDeltas) {
    if (bareDeltas || reasons.keySet().stream().anyMatch(Verdicts::namesNoBase)) {
      newestFirst.stream()
          .map(Candidate::info)
          .filter(info -> info.kind() == CheckpointKind.FULL)
          .forEach(info -> keep(info, BASE));
    }
  }

  /** Whether it is a delta that does not tell what it is upon. */
  static boolean namesNoBase(CheckpointInfo info) {
    return info.kind() == CheckpointKind.DELTA
        && info.formatVersion() == 1
        && info.ancestors().isEmpty();
  }

  void keepSinceNoneCanBeRestored() {
    newestFirst.forEach(one -> keep(one.info(), NONE_RESTORABLE));
  }

  List<Decision> decisions() {
    return newestFirst.stream().map(this::decision).toList();
  }

  private Decision decision(Candidate one) {
    Set<String> keeping = reasons.getOrDefault(one.info(), Set.of());
    List<String> why = new ArrayList<>(keeping.isEmpty() ? Set.of(NO_RULE) : keeping);
    rules.forEach(rule -> rule.passesOver(one).ifPresent(why::add));
    return new Decision(one.info(), keeping.isEmpty() ? Fate.REMOVED : Fate.KEPT, why);
  }
}
