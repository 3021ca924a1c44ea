package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.format.ObjectId;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The numbers of one kernel's commits, as far as something in the store tells them. A head that was
 * lost counts from below again, and then two commits may have one number.
 */
final class CommitNumbers {
  private final Map<Long, ObjectId> objects = new HashMap<>();
  private long highest;
  private boolean doubled;

  /** Of an entry that lies under a name. */
  void add(Entry entry) {
    add(entry.mark().sequence(), entry.mark().imported(), entry.file().objectId());
  }

  /** Of a checkpoint that was listed. */
  void add(CheckpointInfo info) {
    add(info.sequence(), info.imported(), info.objectId());
  }

  /** Of an entry that is only quoted, with the number that it had then: it may have another now. */
  void addQuoted(Entry entry) {
    highest = CommitMark.higher(highest, entry.mark().sequence());
  }

  private void add(long sequence, boolean imported, @Nullable ObjectId object) {
    highest = CommitMark.higher(highest, sequence);
    if (!imported && object != null) {
      ObjectId other = objects.putIfAbsent(sequence, object);
      doubled |= other != null && !other.equals(object);
    }
  }

  /** The highest of them, or one that an import came after; unsigned. */
  long highest() {
    return highest;
  }

  /** Whether two commits have one number. */
  boolean areDoubled() {
    return doubled;
  }
}
