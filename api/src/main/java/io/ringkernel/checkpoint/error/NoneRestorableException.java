package io.ringkernel.checkpoint.error;

import java.io.Serial;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * There is something to restore, and none of it can be: all is damaged or lost. Beginning anew
 * would give it up, so a person should look first; {@link CheckpointNotFoundException} says that
 * there is nothing.
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
