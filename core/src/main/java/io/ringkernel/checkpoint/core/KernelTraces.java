package io.ringkernel.checkpoint.core;

import static java.util.Objects.requireNonNull;

import io.ringkernel.checkpoint.format.ObjectId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** What lies under users' names of one kernel, whatever its head says. */
final class KernelTraces {
  private final String kernelId;
  private final Map<String, Slot.Managed> entries = new TreeMap<>();
  private final List<UserNames.Named> awaiting = new ArrayList<>();
  private final List<UnreadableCheckpoint> unreadable = new ArrayList<>();
  private final Set<ObjectId> objects = new HashSet<>();
  private final CommitNumbers numbers = new CommitNumbers();
  private long epoch;

  KernelTraces(String kernelId) {
    this.kernelId = kernelId;
  }

  void add(UserNames.Named named) {
    Slot slot = named.slot();
    slot.entries().filter(entry -> entry.isOf(kernelId)).forEach(this::count);
    if (slot instanceof Slot.Managed managed && managed.entry().isOf(kernelId)) {
      entries.put(named.name(), managed);
      numbers.add(managed.entry());
    }
    if (kernelId.equals(slot.awaits())) {
      awaiting.add(named);
    }
    if (slot instanceof Slot.Unreadable it && it.refers()) {
      unreadable.add(new UnreadableCheckpoint(named.name(), it.problem()));
    }
  }

  /** Of a commit, wherever it was found. */
  void count(Entry entry) {
    numbers.addQuoted(entry);
    epoch = CommitMark.higher(entry.mark().epoch(), epoch);
    entry.objects().forEach(objects::add);
  }

  /** Whether nobody ever began to save the kernel, for all that is there. */
  boolean isEmpty() {
    return objects.isEmpty() && awaiting.isEmpty();
  }

  /** Those of its commits. */
  CommitNumbers numbers() {
    return numbers;
  }

  /** The highest epoch that a commit was written under; unsigned. */
  long epoch() {
    return epoch;
  }

  /** What a commit of the kernel may wait to replace, without anything else telling so. */
  List<UserNames.Named> awaiting() {
    return awaiting;
  }

  /** What may be entries of the kernel, for all that can be read there; by their names. */
  List<UnreadableCheckpoint> unreadable() {
    return unreadable.stream()
        .sorted(Comparator.comparing(UnreadableCheckpoint::name, Newest.UTF8_ORDER))
        .toList();
  }

  boolean refersTo(ObjectId object) {
    return objects.contains(object);
  }

  /**
   * Numbers the checkpoints so that the numbers tell in which order they were created.
   *
   * @param above all numbers that anything may quote; unsigned
   * @return those that have another number now, the newest first
   */
  List<UserNames.Named> renumber(long above) {
    List<UserNames.Named> renumbered = CreationOrder.renumbered(entries, above);
    for (UserNames.Named named : renumbered) {
      Slot.Managed slot = (Slot.Managed) named.slot();
      entries.put(named.name(), slot);
      count(slot.entry());
    }
    return renumbered;
  }

  /** Whether the numbers say that the checkpoints were created in another order. */
  boolean areDisputed() {
    return !CreationOrder.isToldByNumbers(entries.values());
  }

  /** The newest of the checkpoints. */
  Optional<Head.Latest> newest() {
    List<CheckpointInfo> infos = new ArrayList<>();
    entries.forEach((name, slot) -> infos.add(slot.entry().info(name)));
    return Newest.newestFirst(infos).stream()
        .findFirst()
        .map(CheckpointInfo::name)
        .map(name -> Head.Latest.placed(name, requireNonNull(entries.get(name)).entry()));
  }
}
