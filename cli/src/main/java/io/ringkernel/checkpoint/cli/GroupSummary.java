package io.ringkernel.checkpoint.cli;

import io.ringkernel.checkpoint.cli.text.Json;
import io.ringkernel.checkpoint.cli.text.Printable;
import io.ringkernel.checkpoint.cli.text.Quantity;
import io.ringkernel.checkpoint.cli.text.Table;
import io.ringkernel.checkpoint.core.CheckpointInfo;
import io.ringkernel.checkpoint.core.GroupInfo;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/** What is told of groups: several kernels' checkpoints of one cut, under one name. */
final class GroupSummary {
  private GroupSummary() {}

  /** Bytes of state of all members. */
  static long stateSize(GroupInfo group) {
    return group.members().stream().mapToLong(one -> one.stateSize().orElse(0)).sum();
  }

  /** Bytes of all members' files. */
  static long fileSize(GroupInfo group) {
    return group.members().stream().mapToLong(CheckpointInfo::fileSize).sum();
  }

  /** When it was committed. */
  static Instant createdAt(GroupInfo group) {
    return Instant.EPOCH.plus(group.createdAtMicros(), ChronoUnit.MICROS);
  }

  /** For people: harmless lines. */
  static List<String> lines(GroupInfo group) {
    List<String> lines = new ArrayList<>();
    lines.add(Printable.of(group.name()));
    Summary.fact(lines, "group", '"' + Printable.of(group.group()) + '"');
    Summary.fact(lines, "created", Quantity.moment(createdAt(group)));
    Summary.fact(lines, "cut", group.cut().toString());
    Summary.fact(lines, "size", Summary.size(stateSize(group), "files", fileSize(group)));
    Summary.fact(lines, "members", Quantity.count(group.members().size()));
    Table table = new Table().left("KERNEL").left("TYPE").right("STEP").left("KIND");
    table.right("STATE").right("STORED").left("SAVED AS");
    for (CheckpointInfo member : group.members()) {
      table.row(
          Printable.of(member.metadata().kernelId()),
          Printable.of(member.metadata().kernelType()),
          Quantity.count(member.metadata().step()),
          Receipts.kind(member),
          Quantity.bytes(member.stateSize().orElse(0)),
          Quantity.bytes(member.fileSize()),
          Printable.of(member.name()));
    }
    table.lines().forEach(line -> lines.add("    " + line));
    return lines;
  }

  /** For programs. */
  static Json json(GroupInfo group) {
    return new Json()
        .put("name", group.name())
        .put("kind", "group")
        .put("group", group.group())
        .unsigned("created_at_micros", group.createdAtMicros())
        .put("hlc", SummaryJson.clock(group.cut()))
        .put("state_bytes", stateSize(group))
        .put("file_bytes", fileSize(group))
        .put("members", group.members().stream().map(SummaryJson::of).toList());
  }
}
