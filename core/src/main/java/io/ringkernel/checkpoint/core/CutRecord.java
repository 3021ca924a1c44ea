package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.HlcTimestamp;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import io.ringkernel.checkpoint.format.ObjectId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The record where the processes of a group meet for one cut. The coordinator writes how far it is,
 * each member its own line, all by conditional writes.
 *
 * @param group which group
 * @param cut how far it is
 * @param previous how the one before ended, for those who have not looked since; null for the first
 * @param timeout how long each step of a member may take, from a millisecond to 24 days
 * @param beat counted up by the coordinator, as a sign of life
 * @param members who is waited for
 */
record CutRecord(
    String group,
    Cut cut,
    @Nullable Cut previous,
    Duration timeout,
    long beat,
    List<Member> members) {
  private static final Duration SHORTEST = Duration.ofMillis(1);
  private static final Duration LONGEST = Duration.ofDays(24);
  private static final String PREVIOUS = "previous-";

  /** What a member has done, in order. */
  enum State {
    /** Nothing yet. */
    INVITED,
    /** It can be stopped. */
    READY,
    /** It stands still. */
    QUIESCED,
    /** It is captured. */
    CAPTURED,
    /** Its checkpoint is committed. */
    SAVED,
    /** It gave up. */
    FAILED
  }

  /**
   * A member.
   *
   * @param kernelId which kernel
   * @param state what it has done
   * @param beat counted up while it saves, as a sign of life
   * @param hlc its time where it stands
   * @param stallNanos how long it stood still
   * @param name of its checkpoint; empty until it is saved
   * @param entry of its checkpoint
   * @param problem why it gave up; empty when it did not
   */
  record Member(
      String kernelId,
      State state,
      long beat,
      HlcTimestamp hlc,
      long stallNanos,
      String name,
      @Nullable Entry entry,
      String problem) {
    static Member invited(String kernelId) {
      return new Member(kernelId, State.INVITED, 0, HlcTimestamp.ZERO, 0, "", null, "");
    }

    Member at(State reached) {
      return new Member(kernelId, reached, beat, hlc, stallNanos, name, entry, problem);
    }

    Member alive() {
      return new Member(kernelId, state, beat + 1, hlc, stallNanos, name, entry, problem);
    }

    Member quiesced(HlcTimestamp time) {
      return new Member(kernelId, State.QUIESCED, beat, time, stallNanos, name, entry, problem);
    }

    Member saved(Participant.Saved saved) {
      return new Member(
          kernelId,
          State.SAVED,
          beat,
          hlc,
          saved.stall().toNanos(),
          saved.name(),
          saved.entry(),
          problem);
    }

    Member failed(String reason) {
      return new Member(kernelId, State.FAILED, beat, hlc, stallNanos, name, entry, reason);
    }
  }

  CutRecord {
    timeout = timeout.compareTo(LONGEST) > 0 ? LONGEST : timeout;
    timeout = timeout.compareTo(SHORTEST) < 0 ? SHORTEST : timeout;
    members = List.copyOf(members);
  }

  Optional<Member> member(String kernelId) {
    return members.stream().filter(member -> member.kernelId().equals(kernelId)).findFirst();
  }

  Cut.Phase phase() {
    return cut.phase();
  }

  boolean isOver() {
    return phase().isOver();
  }

  /** A new cut. */
  static CutRecord opened(String group, ObjectId id, Duration timeout, List<String> kernelIds) {
    List<Member> members = kernelIds.stream().map(Member::invited).toList();
    return new CutRecord(group, Cut.opened(id), null, timeout, 0, members);
  }

  /** The same, which says how the cut ended whose record it replaces. */
  CutRecord inPlaceOf(@Nullable CutRecord replaced) {
    Cut past = replaced == null ? null : replaced.past();
    return new CutRecord(group, cut, past, timeout, beat, members);
  }

  /**
   * What the next record says of the past. One cut is enough: who has come to this one has looked
   * here, and knows how the one before ended. It may fail before all have come: then the one before
   * is told on, if it is nothing that its members would take a lost record for, or nobody came who
   * could wait for the end of this one.
   */
  private Cut past() {
    boolean allCame = members.stream().noneMatch(CutRecord::isAbsent);
    if (previous == null || allCame) {
      return cut.replaced();
    }
    boolean nobodyCame = members.stream().allMatch(CutRecord::isAbsent);
    return nobodyCame || previous.phase() != Cut.Phase.FAILED ? previous : cut.replaced();
  }

  private static boolean isAbsent(Member member) {
    return member.state() == State.INVITED;
  }

  /** What it tells of a cut, be it over and another have begun; empty when it knows nothing. */
  Optional<CutRecord> of(ObjectId id) {
    return cut.id().equals(id)
        ? Optional.of(this)
        : Optional.ofNullable(previous)
            .filter(ended -> ended.id().equals(id))
            .map(ended -> new CutRecord(group, ended, null, timeout, 0, List.of()));
  }

  /** The same with one member changed. */
  CutRecord with(String kernelId, UnaryOperator<Member> change) {
    List<Member> changed =
        members.stream()
            .map(member -> member.kernelId().equals(kernelId) ? change.apply(member) : member)
            .toList();
    return new CutRecord(group, cut, previous, timeout, beat, changed);
  }

  /** The same, changed by nothing but time. */
  CutRecord alive() {
    return new CutRecord(group, cut, previous, timeout, beat + 1, members);
  }

  /** The same in another phase. */
  CutRecord at(Cut.Phase next, HlcTimestamp time) {
    return with(cut.at(next, time));
  }

  /** The same, when all are saved. */
  CutRecord committing(String name) {
    return with(cut.committing(name));
  }

  /** The same, ended. */
  CutRecord over(Cut.Phase end, String howItEnded, String whoFailed) {
    return with(cut.over(end, howItEnded, whoFailed));
  }

  private CutRecord with(Cut changed) {
    return new CutRecord(group, changed, previous, timeout, beat, members);
  }

  byte[] encode() {
    RecordWriter out = new RecordWriter(RecordKind.CUT);
    out.line("group", group);
    cut.write(out, "");
    if (previous != null) {
      previous.write(out, PREVIOUS);
    }
    out.numbers("timeout", timeout.toMillis())
        .count("beat", beat)
        .numbers("members", members.size());
    for (int i = 0; i < members.size(); i++) {
      Member member = members.get(i);
      HlcTimestamp hlc = member.hlc();
      String state = member.state().name().toLowerCase(Locale.ROOT);
      out.line("kernel-" + i, member.kernelId(), state, member.problem())
          .numbers(
              "progress-" + i,
              member.beat(),
              member.stallNanos(),
              hlc.physical(),
              hlc.logical(),
              hlc.nodeId());
      Entry entry = member.entry();
      if (entry != null) {
        out.line("saved-" + i, member.name(), entry.quoted());
      }
    }
    return out.bytes();
  }

  /**
   * Reads a record.
   *
   * @throws CorruptCheckpointException with the offset in the record
   */
  static CutRecord decode(byte[] bytes) {
    RecordReader in = RecordReader.parse(RecordKind.CUT, bytes);
    long timeout = in.number("timeout");
    if (timeout < SHORTEST.toMillis() || timeout > LONGEST.toMillis()) {
      throw new CorruptCheckpointException(0, "a cut's timeout is impossible");
    }
    return new CutRecord(
        in.text("group"),
        Cut.read(in, ""),
        Cut.readEnded(in, PREVIOUS).orElse(null),
        Duration.ofMillis(timeout),
        in.count("beat"),
        members(in));
  }

  private static List<Member> members(RecordReader in) {
    long count = in.number("members");
    if (count < 0 || count > GroupManifest.MOST_MEMBERS) {
      throw new CorruptCheckpointException(0, "a cut has too many members");
    }
    List<Member> members = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      members.add(member(in, i));
    }
    return members;
  }

  private static Member member(RecordReader in, int i) {
    List<String> kernel = in.texts("kernel-" + i);
    List<String> saved = in.texts("saved-" + i);
    if (kernel.size() != 3 || (!saved.isEmpty() && saved.size() != 2)) {
      throw new CorruptCheckpointException(0, "a cut's member is malformed");
    }
    long[] progress = in.numbers("progress-" + i, 5);
    return new Member(
        kernel.get(0),
        state(kernel.get(1)),
        progress[0],
        new HlcTimestamp(progress[2], progress[3], progress[4]),
        progress[1],
        saved.isEmpty() ? "" : saved.get(0),
        saved.isEmpty() ? null : Entry.unquoted(saved.get(1)),
        kernel.get(2));
  }

  private static State state(String text) {
    try {
      return State.valueOf(text.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new CorruptCheckpointException(0, "a cut's member is in an unknown state", e);
    }
  }
}
