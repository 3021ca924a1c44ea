package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.HlcTimestamp;
import java.util.List;

/** One group that is to be copied to the far tier once its members are there. */
final class FarGroup extends FarJob {
  private final HlcTimestamp cut;
  private final List<CheckpointInfo> members;

  FarGroup(String group, String name, HlcTimestamp cut, List<CheckpointInfo> members) {
    super(group, name, cut.physical(), false, false);
    this.cut = cut;
    this.members = List.copyOf(members);
  }

  /** Of a group that is there. */
  static FarGroup of(GroupInfo group) {
    return new FarGroup(group.group(), group.name(), group.cut(), group.members());
  }

  /** In which line the cuts of a group wait. */
  static String lineOf(String group) {
    return "group " + group;
  }

  @Override
  String line() {
    return lineOf(kernelId);
  }

  @Override
  HlcTimestamp cut() {
    return cut;
  }

  @Override
  List<CheckpointInfo> members() {
    return members;
  }

  /** Whether another job is of one of its members. */
  boolean hasMember(FarJob job) {
    return members.stream().anyMatch(job::isOf);
  }

  @Override
  boolean isOf(Located located) {
    return located instanceof Located.Group group && group.manifest().cut().equals(cut);
  }

  @Override
  boolean isOf(GroupReceipt saved) {
    return saved.cut().equals(cut) && name.equals(saved.name());
  }
}
