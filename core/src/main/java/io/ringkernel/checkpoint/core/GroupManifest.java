package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.HlcTimestamp;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import io.ringkernel.checkpoint.error.InvalidNameException;
import io.ringkernel.checkpoint.format.ObjectId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The record under a group's name; writing it is the group's commit. It quotes its members' entries
 * whole, so that the group is what it was also when those are gone.
 *
 * @param group which group it is of
 * @param cut the time of the cut
 * @param createdAtMicros microseconds since the Unix epoch; unsigned
 * @param nonce tells this cut from every other; its copies have it too
 * @param members in the order they were given; at least one, of different kernels
 * @param fences how often a collector changed this only to refuse a writer that it held dead;
 *     unsigned
 * @param rest lines of a later release, kept when this is written again
 */
record GroupManifest(
    String group,
    HlcTimestamp cut,
    long createdAtMicros,
    ObjectId nonce,
    List<Member> members,
    long fences,
    List<String> rest) {
  /** The most kernels in a group. */
  static final int MOST_MEMBERS = 4096;

  /**
   * One kernel's part.
   *
   * @param name the member's checkpoint was saved under
   * @param entry as it was then
   */
  record Member(String name, Entry entry) {
    String kernelId() {
      return entry.metadata().kernelId();
    }

    /** What is opened to read it, whatever is under its name now. */
    Located located() {
      return new Located.InObject(name, entry);
    }
  }

  GroupManifest {
    members = List.copyOf(members);
    rest = List.copyOf(rest);
  }

  /** The same but for its bytes: a version that was read before is not there any more. */
  GroupManifest fenced() {
    return new GroupManifest(group, cut, createdAtMicros, nonce, members, fences + 1, rest);
  }

  /** The same cut with its members as they are in another store. */
  GroupManifest copiedWith(List<Member> others) {
    return new GroupManifest(group, cut, createdAtMicros, nonce, others, 0, List.of());
  }

  /** Whether both are of one cut and refer to the same objects. */
  boolean isAs(GroupManifest other) {
    return nonce.equals(other.nonce) && objects().equals(other.objects());
  }

  /** Whether no member refers to another object than its own. */
  boolean isFlat() {
    return members.stream().allMatch(member -> member.entry().file().ancestors().isEmpty());
  }

  /** The ids of all objects that are needed to restore it: what a collector must keep. */
  Set<ObjectId> objects() {
    Set<ObjectId> objects = new HashSet<>();
    for (Member member : members) {
      objects.add(member.entry().file().objectId());
      objects.addAll(member.entry().file().ancestors());
    }
    return objects;
  }

  byte[] encode() {
    RecordWriter out = new RecordWriter(RecordKind.GROUP);
    out.line("group", group)
        .time("cut", cut)
        .numbers("created", createdAtMicros)
        .line("nonce", nonce.hex())
        .numbers("members", members.size());
    for (int i = 0; i < members.size(); i++) {
      Member member = members.get(i);
      out.line("member-" + i, member.name(), member.entry().quoted());
    }
    return out.count("fences", fences).raw(rest).bytes();
  }

  /**
   * Reads a manifest.
   *
   * @throws CorruptCheckpointException with the offset in the record
   */
  static GroupManifest decode(byte[] bytes) {
    RecordReader in = RecordReader.parse(RecordKind.GROUP, bytes);
    String group = in.text("group");
    HlcTimestamp cut = in.time("cut");
    long created = in.number("created");
    ObjectId nonce = in.value("nonce", ObjectId::new);
    List<Member> members = members(in);
    long fences = in.count("fences");
    return new GroupManifest(group, cut, created, nonce, members, fences, in.rest());
  }

  private static List<Member> members(RecordReader in) {
    long count = in.number("members");
    if (count < 1 || count > MOST_MEMBERS) {
      throw new CorruptCheckpointException(
          0, "a group's members are not from 1 to " + MOST_MEMBERS);
    }
    List<Member> members = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      members.add(member(in.texts("member-" + i)));
    }
    Stream<String> kernels = members.stream().map(Member::kernelId);
    if (kernels.distinct().count() != count) {
      throw new CorruptCheckpointException(0, "a group has two members of one kernel");
    }
    return members;
  }

  private static Member member(List<String> values) {
    if (values.size() != 2) {
      throw new CorruptCheckpointException(0, "a group's member is not a name and an entry");
    }
    try {
      return new Member(StoreNames.requireUserName(values.get(0)), Entry.unquoted(values.get(1)));
    } catch (InvalidNameException e) {
      throw new CorruptCheckpointException(0, "a group's member has an invalid name", e);
    }
  }

  /** What users are told. */
  GroupInfo info(String name) {
    return new GroupInfo(
        name,
        group,
        cut,
        createdAtMicros,
        members.stream().map(member -> member.entry().info(member.name())).toList());
  }
}
