package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.HlcTimestamp;
import java.util.List;

/**
 * What a store knows of a group: several kernels' checkpoints, captured at one cut.
 *
 * @param name under which it can be restored
 * @param group which group it is of
 * @param cut the time of the cut; all members have it as their time
 * @param createdAtMicros when it was committed: microseconds since the Unix epoch; unsigned
 * @param members their checkpoints as they were when the group was committed; immutable
 */
public record GroupInfo(
    String name, String group, HlcTimestamp cut, long createdAtMicros, List<CheckpointInfo> members)
    implements ListedCheckpoint {
  /** Copies {@code members}. */
  public GroupInfo {
    members = List.copyOf(members);
  }
}
