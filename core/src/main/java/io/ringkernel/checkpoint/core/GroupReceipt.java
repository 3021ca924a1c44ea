package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.HlcTimestamp;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;

/**
 * What saving a group did; it comes once the group is committed and can be restored.
 *
 * @param name under which it can be restored
 * @param group which group it is of
 * @param cut the time of the cut; all members have it as their time
 * @param members in the order they were given, then those that joined; immutable
 * @param duration from subscription to commit
 */
public record GroupReceipt(
    String name, String group, HlcTimestamp cut, List<Member> members, Duration duration) {
  /**
   * One kernel's part.
   *
   * @param checkpoint its own checkpoint, which can be restored alone too
   * @param stall from its acknowledged quiesce to its resume
   * @param notes what a person should know; immutable
   */
  public record Member(CheckpointInfo checkpoint, Duration stall, List<String> notes) {
    /** Copies {@code notes}. */
    public Member {
      notes = List.copyOf(notes);
    }
  }

  /** Copies {@code members}. */
  public GroupReceipt {
    members = List.copyOf(members);
  }

  /** The same with more notes to each member. */
  GroupReceipt withNotes(Function<CheckpointInfo, List<String>> more) {
    List<Member> noted =
        members.stream()
            .map(
                member -> {
                  List<String> notes = new ArrayList<>(member.notes());
                  notes.addAll(more.apply(member.checkpoint()));
                  return new Member(member.checkpoint(), member.stall(), notes);
                })
            .toList();
    return new GroupReceipt(name, group, cut, noted, duration);
  }

  /** The longest stall of a member. */
  public Duration stall() {
    return members.stream().map(Member::stall).max(Comparator.naturalOrder()).orElse(Duration.ZERO);
  }
}
