package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.format.ObjectId;
import java.time.Duration;
import java.util.List;

/**
 * What a flatten did.
 *
 * @param name the checkpoint
 * @param objectId the object that holds it now
 * @param previous the object that held it before; the same object when it was full already
 * @param stored bytes that were written; 0 when nothing had to be
 * @param released the older objects that the checkpoint does not refer to any more; immutable
 * @param duration from subscription to the end
 */
public record FlattenReceipt(
    String name,
    ObjectId objectId,
    ObjectId previous,
    long stored,
    List<ObjectId> released,
    Duration duration) {
  /** Copies {@code released}. */
  public FlattenReceipt {
    released = List.copyOf(released);
  }

  /** Whether there was anything to do. */
  public boolean isChanged() {
    return !objectId.equals(previous);
  }
}
