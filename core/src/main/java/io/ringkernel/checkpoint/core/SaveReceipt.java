package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.format.ObjectId;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a save did; it comes once the checkpoint is committed and can be restored.
 *
 * @param name under which it can be loaded
 * @param objectId names the object that holds it
 * @param kind full or delta; a save against a base of which nothing could be used is full
 * @param base the object that it was compared with and refers to; null when it is full
 * @param formatVersion 1 or 2
 * @param kernelId which kernel it is of
 * @param step how far the kernel was; unsigned
 * @param sequence its number among the kernel's commits in this store, from 1; for an imported one,
 *     how many there were before it; unsigned
 * @param captured bytes of state
 * @param changed bytes of the blocks that are nowhere in the base, except blocks of zeros, which
 *     take no space; for a full checkpoint, all bytes of state
 * @param stored bytes of the object
 * @param stall from the kernel's acknowledged quiesce until it ran on. For a kernel whose captures
 *     bring no report, the most that it can have been: from the call to the release. Zero when the
 *     checkpoint was not captured by this save
 * @param duration from subscription to commit, the capture included
 * @param codec the name of the compression that was asked for, {@code "none"} without; blocks that
 *     it did not shrink are stored raw
 * @param notes what a person should know; immutable
 */
public record SaveReceipt(
    String name,
    ObjectId objectId,
    CheckpointKind kind,
    @Nullable ObjectId base,
    int formatVersion,
    String kernelId,
    long step,
    long sequence,
    long captured,
    long changed,
    long stored,
    Duration stall,
    Duration duration,
    String codec,
    List<String> notes) {
  /** Copies {@code notes}. */
  public SaveReceipt {
    notes = List.copyOf(notes);
  }

  SaveReceipt withNotes(List<String> others) {
    return new SaveReceipt(
        name,
        objectId,
        kind,
        base,
        formatVersion,
        kernelId,
        step,
        sequence,
        captured,
        changed,
        stored,
        stall,
        duration,
        codec,
        others);
  }
}
