package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.error.CheckpointException;
import io.ringkernel.checkpoint.error.CheckpointNotFoundException;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import io.ringkernel.checkpoint.error.LimitExceededException;
import java.util.function.Function;

/** What is wrong with a head, and what to do about it. */
final class HeadDamage {
  private static final String UNKNOWN =
      "nobody knows which objects it referred to, so nothing is removed: ";

  private final String reason;
  private final String advice;
  private final Function<String, CheckpointException> error;

  private HeadDamage(String reason, String advice, Function<String, CheckpointException> error) {
    this.reason = reason;
    this.advice = advice;
    this.error = error;
  }

  /** Whether a head's bytes can't be a head's: all else may be read later, or by somebody else. */
  static boolean is(Throwable error) {
    return error instanceof CorruptCheckpointException || error instanceof LimitExceededException;
  }

  /** It can't be read. */
  static HeadDamage damaged(String name, Throwable error) {
    CorruptCheckpointException found = Failures.reworded(error, reason -> reason);
    return new HeadDamage(
        "the head '" + name + "' is damaged (" + found.reason() + ")",
        adviceOn(name),
        words -> Failures.reworded(error, reason -> words));
  }

  /** Nothing is there, though there is something of the kernel. */
  static HeadDamage missing(String kernelId) {
    return new HeadDamage(
        "the head of kernel '"
            + kernelId
            + "' is missing, though it was saved, so that its next save would count from 1, as older"
            + " than what is there",
        advice(ShellWord.operand(kernelId)),
        words -> new CheckpointNotFoundException(StoreNames.head(kernelId), words));
  }

  /** It knows less commits than there are. */
  static HeadDamage behind(String kernelId, long tells, long there) {
    return disordered(
        kernelId,
        "counts "
            + Long.toUnsignedString(tells)
            + (tells == 1 ? " commit" : " commits")
            + ", but a checkpoint is of commit "
            + Long.toUnsignedString(there)
            + ": it was lost and begun anew, or an older one was put in its place, and what is saved"
            + " now counts as older");
  }

  /** It knew less commits than there were, and has counted on. */
  static HeadDamage doubled(String kernelId) {
    return disordered(
        kernelId,
        "has given one number to two commits: it was lost and begun anew, or an older one was put"
            + " in its place, and which checkpoint is newer can't be told by the numbers");
  }

  /** It was repaired when not all could be read, or told. */
  static HeadDamage partial(String kernelId) {
    return disordered(
        kernelId,
        "was repaired while something under a name could not be read, or when numbers and times of"
            + " creation did not agree: which checkpoint is newer can't be told by the numbers until"
            + " it is repaired once more, with everything readable or gone, which numbers them by"
            + " creation");
  }

  private static HeadDamage disordered(String kernelId, String what) {
    return new HeadDamage(
        "the head '" + StoreNames.head(kernelId) + "' " + what,
        advice(ShellWord.operand(kernelId)),
        words -> new CorruptCheckpointException(0, words));
  }

  /** What is wrong. */
  CheckpointException told() {
    return error.apply(reason);
  }

  /** What is wrong, for who has to do something about it. */
  CheckpointException advised() {
    return error.apply(words());
  }

  /** The same as words. */
  String words() {
    return reason + "; " + advice;
  }

  /** It may be all that knows of a checkpoint under a name. */
  static CorruptCheckpointException hides(String name, Throwable damaged) {
    return Failures.reworded(
        damaged, reason -> "whether a checkpoint is under '" + name + "' can't be told: " + reason);
  }

  /** The error of a collection that met it: there may be a commit that only the head knew. */
  CheckpointException endsCollection() {
    return error.apply(UNKNOWN + words());
  }

  /**
   * The same of a head that could not be read.
   *
   * @param error what was wrong with it
   */
  static CheckpointException endsCollection(String name, Throwable error) {
    return is(error)
        ? Failures.reworded(error, reason -> UNKNOWN + reason)
        : Failures.unreadable(name, error);
  }

  private static String adviceOn(String name) {
    return StoreNames.kernelId(name)
        .map(id -> advice(ShellWord.operand(id)))
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
