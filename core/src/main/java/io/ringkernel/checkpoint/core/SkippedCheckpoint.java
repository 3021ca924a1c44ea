package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.error.CheckpointException;
import io.ringkernel.checkpoint.error.ContentException;
import io.ringkernel.checkpoint.error.NoneRestorableException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A checkpoint that a restore skipped.
 *
 * @param name which
 * @param reason why it can't be restored
 */
public record SkippedCheckpoint(String name, CheckpointException reason) {
  /**
   * The error of a restore that passed over all there were.
   *
   * @param subject the kernel or the group
   * @param what there were, in words
   * @param all of them, the newest first; at least one
   */
  static NoneRestorableException noneLeft(
      String subject, String what, List<SkippedCheckpoint> all) {
    Map<String, CheckpointException> reasons = new LinkedHashMap<>();
    all.forEach(one -> reasons.putIfAbsent(one.name(), one.reason()));
    SkippedCheckpoint first = all.get(0);
    return new NoneRestorableException(
        subject,
        what
            + " none can be restored, "
            + (reasons.size() == 1 ? "" : "the first of " + reasons.size() + ", ")
            + "'"
            + first.name()
            + "', because: "
            + first.told()
            + "; don't begin anew before somebody has looked: rkcp verify --all --full",
        reasons);
  }

  /** Why, after its name. */
  private String told() {
    return reason instanceof ContentException content
            && content.checkpoint().filter(name::equals).isPresent()
        ? content.finding()
        : String.valueOf(reason.getMessage());
  }
}
