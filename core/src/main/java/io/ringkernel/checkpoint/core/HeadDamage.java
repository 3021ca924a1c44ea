package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.error.CheckpointException;
import io.ringkernel.checkpoint.error.CheckpointNotFoundException;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import io.ringkernel.checkpoint.error.LimitExceededException;

/** What can be wrong with a head, each with what to do about it. */
final class HeadDamage {
  private HeadDamage() {}

  /** Whether a head's bytes can't be a head's: all else may be read later, or by somebody else. */
  static boolean is(Throwable error) {
    return error instanceof CorruptCheckpointException || error instanceof LimitExceededException;
  }

  /** It can't be read. */
  static CorruptCheckpointException damaged(String name, Throwable error) {
    return Failures.reworded(
        error, reason -> "the head '" + name + "' is damaged (" + reason + "); " + adviceOn(name));
  }

  /** It may be all that knows of a checkpoint under a name. */
  static CorruptCheckpointException hides(String name, Throwable damaged) {
    return Failures.reworded(
        damaged, reason -> "whether a checkpoint is under '" + name + "' can't be told: " + reason);
  }

  /** Nothing is there, though the kernel has checkpoints. */
  static CheckpointException missing(String kernelId) {
    return new CheckpointNotFoundException(
        StoreNames.head(kernelId),
        "the head of kernel '"
            + kernelId
            + "' is missing, though the store has checkpoints of it, so that its next save would"
            + " count from 1, as older than those; "
            + advice("'" + kernelId + "'"));
  }

  /** It was begun anew, though the kernel had checkpoints. */
  static CheckpointException behind(String kernelId, long tells, long there) {
    return new CorruptCheckpointException(
        0,
        "the head '"
            + StoreNames.head(kernelId)
            + "' tells of "
            + Long.toUnsignedString(tells)
            + " commits, but a checkpoint is of commit "
            + Long.toUnsignedString(there)
            + ": it was lost and begun anew, and what is saved now counts as older; "
            + advice("'" + kernelId + "'"));
  }

  /** The error of a collection that met it: there may be a commit that only the head knew. */
  static CheckpointException endsCollection(String name, Throwable error) {
    if (!is(error) && !(error instanceof CheckpointNotFoundException)) {
      return Failures.unreadable(name, error);
    }
    return Failures.reworded(
        error,
        reason ->
            "nobody knows which objects a head refers to that is lost, so nothing is removed: "
                + reason);
  }

  private static String adviceOn(String name) {
    return StoreNames.kernelId(name)
        .map(id -> advice("'" + id + "'"))
        .orElseGet(
            () ->
                StoreNames.isHashed(name)
                    ? advice("KERNEL")
                    : "it is no kernel's, as no id has this name: remove it");
  }

  private static String advice(String kernel) {
    return "rkcp repair "
        + kernel
        + " (Checkpointer.repair) writes it anew from the kernel's checkpoints; don't delete it";
  }
}
