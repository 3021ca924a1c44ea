package io.ringkernel.checkpoint.core;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What became of one checkpoint or group on its way to the far tier.
 *
 * @param kernelId which kernel it is of; of a group, which group
 * @param name under which it was saved
 * @param sequence its number among the kernel's commits in the near tier; of a group, the physical
 *     part of its cut's time; unsigned
 * @param group whether it is of a group, whose members have receipts of their own
 * @param outcome what became of it
 * @param copy what the copy did; null unless it is there, and of a group
 * @param failure why not; null when it is there or was passed over
 * @param attempts how often it was tried
 * @param lag from the save, or the start that found it missing, until now
 */
public record FarReceipt(
    String kernelId,
    String name,
    long sequence,
    boolean group,
    Outcome outcome,
    @Nullable CopyReceipt copy,
    @Nullable Throwable failure,
    int attempts,
    Duration lag) {
  /** What became of a checkpoint; more may come: a {@code switch} keeps a default. */
  public enum Outcome {
    /** It is in the far tier. */
    COPIED,
    /** The far tier failed; it is tried again. */
    RETRYING,
    /** Too many waited, of a group also of a member: it is not copied, newer ones are. */
    SKIPPED,
    /** It was deleted or replaced in the near tier before it was copied. */
    GONE,
    /**
     * It can't be copied: it is damaged, another writer has claimed the kernel there, a tier was
     * closed, or it is a group and a member is not there.
     */
    FAILED
  }

  /** Whether nothing more is done about it. */
  public boolean isFinal() {
    return outcome != Outcome.RETRYING;
  }
}
