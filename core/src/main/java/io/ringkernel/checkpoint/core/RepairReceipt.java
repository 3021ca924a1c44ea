package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.error.CheckpointException;
import io.ringkernel.checkpoint.format.ObjectId;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a repair of a kernel's head did.
 *
 * @param kernelId which kernel
 * @param head where its head lies in the store
 * @param finding what was wrong with it; null when nothing was, and nothing was changed
 * @param sequence the number after which the kernel's next commit is counted; unsigned
 * @param newest the name of the kernel's newest checkpoint, of those that can be read; null when it
 *     has none
 * @param renumbered the names of checkpoints that have another number now, newest first, because
 *     the old numbers did not tell the order of their creation; immutable
 * @param disputed whether the checkpoints were created in another order than their numbers say: a
 *     clock was put back, two were saved at once, or the head was lost before as well. The numbers
 *     were left as they are, and prunings remove nothing of the kernel until it is repaired once
 *     more; that repair numbers them by creation
 * @param unreadable what is under names and can't be read, and why: each of them may be a
 *     checkpoint of the kernel, also one that is newer; immutable
 * @param finished the names of checkpoints that were only in the head and could be read there: they
 *     are under their names now; immutable
 * @param undecided objects of the kernel that were stored since its newest checkpoint and that
 *     nothing refers to: of saves that are under way or ended early, or whose checkpoints were
 *     removed. Only the lost head knew whether one of them was committed; immutable
 * @param duration from subscription to the end
 */
public record RepairReceipt(
    String kernelId,
    String head,
    @Nullable CheckpointException finding,
    long sequence,
    @Nullable String newest,
    List<String> renumbered,
    boolean disputed,
    List<UnreadableCheckpoint> unreadable,
    List<String> finished,
    List<ObjectId> undecided,
    Duration duration) {
  /** Copies the lists. */
  public RepairReceipt {
    renumbered = List.copyOf(renumbered);
    unreadable = List.copyOf(unreadable);
    finished = List.copyOf(finished);
    undecided = List.copyOf(undecided);
  }

  /** Whether there was anything to repair. */
  public boolean isChanged() {
    return finding != null;
  }
}
