package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.error.AlreadyExistsException;
import io.ringkernel.checkpoint.error.BaseMismatchException;
import io.ringkernel.checkpoint.error.ChangedMeanwhileException;
import io.ringkernel.checkpoint.error.CheckpointException;
import io.ringkernel.checkpoint.error.CheckpointNotFoundException;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import io.ringkernel.checkpoint.error.LimitExceededException;
import io.ringkernel.checkpoint.error.StorageException;
import io.ringkernel.checkpoint.error.UnsupportedVersionException;
import java.util.function.UnaryOperator;

/** What a failure means for those who met it. */
final class Failures {
  private Failures() {}

  /** Whether the storage said for certain that the condition of a write did not hold. */
  static boolean isRefusal(Throwable error) {
    return error instanceof AlreadyExistsException || error instanceof ChangedMeanwhileException;
  }

  /** Whether a write may have been done all the same: its answer was lost. */
  static boolean isAmbiguous(Throwable error) {
    return error instanceof StorageException;
  }

  /** Whether the same call may succeed later without anybody's help. */
  static boolean isTransient(Throwable error) {
    return error instanceof StorageException storage && storage.isTransient();
  }

  /**
   * Whether something that begins with reading what it writes on is begun again: after a refusal,
   * or a lost answer.
   *
   * @param attempts how many there were
   */
  static boolean mayTryAgain(Throwable error, int attempts) {
    return (isRefusal(error) && attempts < Heads.MOST_ATTEMPTS)
        || (isTransient(error) && attempts < Heads.MOST_LOST_ANSWERS);
  }

  /** The error of a collection that found something whose references nobody can tell. */
  static CheckpointException unreadable(String name, Throwable error) {
    return reworded(
        error,
        reason ->
            "'"
                + name
                + "' can't be read, so nobody knows which objects it refers to, and nothing is"
                + " removed until it is repaired or deleted: "
                + reason);
  }

  /**
   * Damage, in other words and at the same place.
   *
   * @param words made of what is wrong
   */
  static CorruptCheckpointException reworded(Throwable error, UnaryOperator<String> words) {
    return error instanceof CorruptCheckpointException corrupt
        ? new CorruptCheckpointException(
            corrupt.offset(),
            words.apply(corrupt.reason()),
            corrupt,
            corrupt.ancestor().orElse(null))
        : new CorruptCheckpointException(0, words.apply(String.valueOf(error.getMessage())), error);
  }

  /**
   * Whether it is the checkpoint that is damaged or gone. All else is the fault of the storage, the
   * installation or the kernel, and another checkpoint would not fare better.
   */
  static boolean isDamage(Throwable error) {
    return error instanceof CorruptCheckpointException
        || error instanceof CheckpointNotFoundException
        || error instanceof ChangedMeanwhileException
        || error instanceof BaseMismatchException
        || error instanceof UnsupportedVersionException
        || error instanceof LimitExceededException;
  }

  /**
   * Whether this one thing can't be read, and others may: it is damaged, or the storage refuses it
   * for good, as a file without permission. A storage that fails for the moment fails for all.
   */
  static boolean isUnreadable(Throwable error) {
    return isDamage(error) || (error instanceof StorageException storage && !storage.isTransient());
  }
}
