package io.ringkernel.checkpoint.error;

import java.io.Serial;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * There are checkpoints, but none of them can be restored: all are damaged or lost. Beginning anew
 * would give them up, so a person should look first. If there is nothing at all, the error is
 * {@link CheckpointNotFoundException}.
 */
public final class NoneRestorableException extends CheckpointException {
  @Serial private static final long serialVersionUID = 1L;

  private final String subject;
  private final LinkedHashMap<String, CheckpointException> reasons;

  /**
   * @param subject the id of the kernel, or of the group
   * @param message what there is of it, and what to do
   * @param reasons why each can't be restored, by its name; the newest first
   */
  public NoneRestorableException(
      String subject, String message, Map<String, CheckpointException> reasons) {
    super("'" + subject + "': " + message, null);
    this.subject = subject;
    this.reasons = new LinkedHashMap<>(reasons);
    reasons.values().forEach(this::addSuppressed);
  }

  /** The id of the kernel, or of the group, that was to be restored. */
  public String subject() {
    return subject;
  }

  /** Why each can't be restored, by its name; the newest first; immutable. */
  public Map<String, CheckpointException> reasons() {
    return Collections.unmodifiableMap(reasons);
  }
}
