package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.error.AlreadyExistsException;
import io.ringkernel.checkpoint.error.BaseMismatchException;
import io.ringkernel.checkpoint.error.ChangedMeanwhileException;
import io.ringkernel.checkpoint.error.CheckpointException;
import io.ringkernel.checkpoint.error.CheckpointNotFoundException;
import io.ringkernel.checkpoint.error.ClosedException;
import io.ringkernel.checkpoint.error.CommitStateUnknownException;
import io.ringkernel.checkpoint.error.ContentException;
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
    return error instanceof StorageException || error instanceof ClosedException;
  }

  /** Whether a write that failed so was certainly not done. */
  static boolean isCertain(Throwable error) {
    return error instanceof CheckpointException && !isAmbiguous(error);
  }

  /** Whether the same call may succeed later without anybody's help. */
  static boolean isTransient(Throwable error) {
    return error instanceof CommitStateUnknownException unknown
        ? unknown.isTransient()
        : error instanceof StorageException storage && storage.isTransient();
  }

  /** Whether it is the way to the store that failed, and not what lies there. */
  static boolean isOfStorage(Throwable error) {
    return isAmbiguous(error) || error instanceof CommitStateUnknownException;
  }

  /** The error of a collection that found something whose references nobody can tell. */
  static CheckpointException unreadable(String name, Throwable error) {
    String what = "it can't be read, so nobody knows which objects it refers to, and nothing is";
    ContentException told =
        isBeyondUs(error)
            ? beyondUs(error, finding -> what + " removed: " + finding)
            : reworded(
                error, reason -> what + " removed until it is repaired or deleted: " + reason);
    return told.in(name);
  }

  /** What ends a search for the newest that can be restored, in words that say what to do. */
  static CheckpointException endsSearch(String name, Throwable error) {
    String advice =
        error instanceof LimitExceededException
            ? " (CheckpointerBuilder.decoding); nothing older was restored in its place: if that is"
                + " what you want, restore it by its name"
            : "; nothing older was restored in its place: if that is what you want, restore it by"
                + " its name";
    return beyondUs(error, finding -> finding + advice).in(name);
  }

  /** The same in other words, of what {@link #isBeyondUs}. */
  private static ContentException beyondUs(Throwable error, UnaryOperator<String> words) {
    if (error instanceof LimitExceededException limit) {
      return limit.reworded(words.apply(limit.finding()));
    }
    UnsupportedVersionException version = (UnsupportedVersionException) error;
    return version.reworded(words.apply(version.finding()));
  }

  /**
   * Damage, in other words and at the same place.
   *
   * @param words made of what is wrong
   */
  static CorruptCheckpointException reworded(Throwable error, UnaryOperator<String> words) {
    return error instanceof CorruptCheckpointException corrupt
        ? corrupt.reworded(words.apply(corrupt.reason()))
        : new CorruptCheckpointException(0, words.apply(String.valueOf(error.getMessage())), error);
  }

  /** What is wrong with a checkpoint, with its name; anything else as it is. */
  static Throwable named(String name, Throwable error) {
    return error instanceof ContentException content ? content.in(name) : error;
  }

  /**
   * Whether it is the checkpoint that is damaged or gone. All else is the fault of the storage, the
   * installation or the kernel, and another checkpoint would not fare better.
   */
  static boolean isDamage(Throwable error) {
    return error instanceof CorruptCheckpointException
        || error instanceof CheckpointNotFoundException
        || error instanceof ChangedMeanwhileException
        || error instanceof BaseMismatchException;
  }

  /**
   * Whether it may be whole, and is only beyond this release, or beyond the limits in force: who
   * took it for damaged could go back to something older without a word.
   */
  static boolean isBeyondUs(Throwable error) {
    return error instanceof UnsupportedVersionException || error instanceof LimitExceededException;
  }

  /** Whether what is there is of no use here, for whatever reason, and other things may be. */
  static boolean isUnusable(Throwable error) {
    return isDamage(error) || isBeyondUs(error);
  }

  /**
   * Whether this one thing can't be read, and others may: it is unusable, or the storage refuses it
   * for good, as a file without permission. A storage that fails for the moment fails for all.
   */
  static boolean isUnreadable(Throwable error) {
    return isUnusable(error)
        || (error instanceof StorageException storage && !storage.isTransient());
  }
}
