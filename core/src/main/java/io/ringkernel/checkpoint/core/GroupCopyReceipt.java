package io.ringkernel.checkpoint.core;

import java.time.Duration;
import java.util.List;

/**
 * What the copy of a group did.
 *
 * @param group the copy, as the store that it is in now knows it
 * @param changed whether there was anything to do; false when the very same group was there already
 * @param members what became of each member, in their order; empty when the group was there
 *     already, immutable
 * @param duration from subscription to commit
 */
public record GroupCopyReceipt(
    GroupInfo group, boolean changed, List<CopyReceipt> members, Duration duration) {
  /** Copies {@code members}. */
  public GroupCopyReceipt {
    members = List.copyOf(members);
  }

  /** Under which name the copy can be restored. */
  public String name() {
    return group.name();
  }

  /** Bytes of all members that were sent. */
  public long copied() {
    return members.stream().mapToLong(CopyReceipt::copied).sum();
  }

  /** Bytes of all members that were there already, and were not sent. */
  public long present() {
    return members.stream().mapToLong(CopyReceipt::present).sum();
  }
}
