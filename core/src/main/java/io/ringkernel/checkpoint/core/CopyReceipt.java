package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.format.ObjectId;
import java.time.Duration;
import java.util.List;

/**
 * What a copy did.
 *
 * @param name under which the copy can be loaded
 * @param objectId names the object that holds it
 * @param kind full or delta
 * @param sequence the copy's number among the kernel's commits in the store that it is in now;
 *     unsigned
 * @param changed whether there was anything to do; false when the very same checkpoint was there
 *     already
 * @param copied bytes that were sent
 * @param present bytes of objects that were there already, from an earlier copy, and were not sent
 * @param ancestors how many other objects it refers to there
 * @param flattened whether the original is a delta and the copy is not
 * @param duration from subscription to commit
 * @param notes what a person should know; immutable
 */
public record CopyReceipt(
    String name,
    ObjectId objectId,
    CheckpointKind kind,
    long sequence,
    boolean changed,
    long copied,
    long present,
    int ancestors,
    boolean flattened,
    Duration duration,
    List<String> notes) {
  /** Copies {@code notes}. */
  public CopyReceipt {
    notes = List.copyOf(notes);
  }
}
