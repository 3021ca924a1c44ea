package io.ringkernel.checkpoint.core;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What became of one checkpoint or group on its way to the far tier.
 *
 * @param kernelId the kernel's id; for a group, the group
 * @param name under which it was saved
 * @param sequence its number among the kernel's commits in the near tier; for a group, the physical
 *     part of its cut's time; unsigned
 * @param group whether it is for a group; the group's members have receipts of their own
 * @param outcome what became of it
 * @param copy what the copy did; null unless it is there, and null for a group
 * @param failure why it is not there; null when it is, or was skipped
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
  /** What became of a checkpoint. More values may be added, so a {@code switch} needs a default. */
  public enum Outcome {
    /** It is in the far tier. */
    COPIED,
    /** The far tier failed; it is tried again. */
    RETRYING,
    /** Too many waited (for a group, also of a member): it is not copied, newer ones are. */
    SKIPPED,
    /** It was deleted or replaced in the near tier before it was copied. */
    GONE,
    /**
     * It can't be copied: it is damaged, another writer has claimed the kernel there, a tier was
     * closed, or it is a group and a member is not there.
     */
    FAILED
  }

  /** Whether this is the last receipt. */
  public boolean isFinal() {
    return outcome != Outcome.RETRYING;
  }
}
