package io.ringkernel.checkpoint.core;

import static java.util.Objects.requireNonNull;

import io.ringkernel.checkpoint.format.ObjectId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What lies under users' names of one kernel, whatever its head says. */
final class KernelTraces {
  private final String kernelId;
  private final Map<String, Entry> entries = new TreeMap<>();
  private final List<UserNames.Named> awaiting = new ArrayList<>();
  private final Set<ObjectId> objects = new HashSet<>();
  private long sequence;
  private long epoch;

  KernelTraces(String kernelId) {
    this.kernelId = kernelId;
  }

  void add(UserNames.Named named) {
    Slot slot = named.slot();
    slot.entries().filter(entry -> entry.isOf(kernelId)).forEach(this::count);
    if (slot instanceof Slot.Managed managed && managed.entry().isOf(kernelId)) {
      entries.put(named.name(), managed.entry());
    }
    if (kernelId.equals(slot.awaits())) {
      awaiting.add(named);
    }
  }

  /** Of a commit, wherever it was found. */
  void count(Entry entry) {
    CommitMark mark = entry.mark();
    sequence = CommitMark.higher(mark.sequence(), sequence);
    epoch = CommitMark.higher(mark.epoch(), epoch);
    entry.objects().forEach(objects::add);
  }

  /** Whether the kernel was never saved, for all that is there. */
  boolean isEmpty() {
    return objects.isEmpty();
  }

  /** The highest number of a commit, or of one that an import came after; unsigned. */
  long sequence() {
    return sequence;
  }

  /** The highest epoch that a commit was written under; unsigned. */
  long epoch() {
    return epoch;
  }

  /** What a commit of the kernel may wait to replace, without anything else telling so. */
  List<UserNames.Named> awaiting() {
    return awaiting;
  }

  boolean refersTo(ObjectId object) {
    return objects.contains(object);
  }

  /** Whether a commit is still under its name. */
  boolean has(Head.@Nullable Latest commit) {
    Entry present = commit == null ? null : entries.get(commit.name());
    return present != null && requireNonNull(commit).is(present.mark().nonce());
  }

  /** The newest of the checkpoints. */
  Optional<Head.Latest> newest() {
    List<CheckpointInfo> infos = new ArrayList<>();
    entries.forEach((name, entry) -> infos.add(entry.info(name)));
    return Newest.newestFirst(infos).stream()
        .findFirst()
        .map(info -> Head.Latest.placed(info.name(), requireNonNull(entries.get(info.name()))));
  }
}
