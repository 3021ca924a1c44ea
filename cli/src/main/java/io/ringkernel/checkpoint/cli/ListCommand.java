package io.ringkernel.checkpoint.cli;

import io.ringkernel.checkpoint.cli.text.Json;
import io.ringkernel.checkpoint.cli.text.Printable;
import io.ringkernel.checkpoint.cli.text.Quantity;
import io.ringkernel.checkpoint.cli.text.Table;
import io.ringkernel.checkpoint.core.CheckpointInfo;
import io.ringkernel.checkpoint.core.GroupInfo;
import io.ringkernel.checkpoint.core.ListedCheckpoint;
import io.ringkernel.checkpoint.core.UnreadableCheckpoint;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "ls",
    description = "List the checkpoints of a store.",
    footer = {"", "Examples:", "  rkcp ls -s file:/var/lib/sim", "  rkcp ls wave-0/ --json"})
final class ListCommand implements Callable<Integer> {
  private static final String UNKNOWN = "-";

  private final Session session;

  @Mixin private StoreOption store = new StoreOption();

  @Parameters(paramLabel = "PREFIX", arity = "0..1", description = "Only names that begin with it.")
  private String prefix = "";

  @Option(names = "--json", description = "List as a JSON array.")
  private boolean json;

  ListCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    try (Store open = store.open(session)) {
      if (json) {
        JsonArray array = new JsonArray(session, true);
        session.finish(
            open.checkpointer().list(prefix).map(ListCommand::json).doOnNext(array::add).then());
        array.end();
      } else {
        show(session.await(open.checkpointer().list(prefix).collectList()));
      }
    }
    return 0;
  }

  private void show(List<ListedCheckpoint> listed) {
    Table table =
        new Table()
            .left("NAME")
            .right("STEP")
            .left("KIND")
            .right("STATE")
            .right("STORED")
            .right("RATIO")
            .left("CODEC")
            .left("TAGS")
            .left("CREATED");
    List<UnreadableCheckpoint> unreadable = new ArrayList<>();
    for (ListedCheckpoint found : listed) {
      if (found instanceof CheckpointInfo info) {
        row(table, info);
      } else if (found instanceof GroupInfo group) {
        row(table, group);
      } else if (found instanceof UnreadableCheckpoint broken) {
        unreadable.add(broken);
      }
    }
    if (listed.size() > unreadable.size()) {
      table.lines().forEach(session.out()::line);
    }
    for (UnreadableCheckpoint broken : unreadable) {
      String problem = Printable.of(Failures.message(broken.problem()));
      session.out().line("UNREADABLE  " + Printable.of(broken.name()) + ": " + problem);
    }
  }

  private static void row(Table table, CheckpointInfo info) {
    OptionalLong state = info.stateSize();
    table.row(
        Printable.of(info.name()),
        Quantity.count(info.metadata().step()),
        Receipts.kind(info),
        state.isPresent() ? Quantity.bytes(state.getAsLong()) : UNKNOWN,
        Quantity.bytes(info.fileSize()),
        state.isPresent() ? Quantity.ratio(state.getAsLong(), info.fileSize()) : UNKNOWN,
        Printable.of(info.codec()),
        info.tags().isEmpty() ? UNKNOWN : Summary.tags(info),
        Quantity.moment(info.metadata().createdAt()));
  }

  private static void row(Table table, GroupInfo group) {
    long state = group.members().stream().mapToLong(one -> one.stateSize().orElse(0)).sum();
    long stored = group.members().stream().mapToLong(CheckpointInfo::fileSize).sum();
    table.row(
        Printable.of(group.name()),
        UNKNOWN,
        "group",
        Quantity.bytes(state),
        Quantity.bytes(stored),
        Quantity.ratio(state, stored),
        UNKNOWN,
        Quantity.moment(Instant.EPOCH.plus(group.createdAtMicros(), ChronoUnit.MICROS)));
  }

  private static Json json(ListedCheckpoint found) {
    if (found instanceof GroupInfo group) {
      return new Json()
          .put("name", group.name())
          .put("kind", "group")
          .put("group", group.group())
          .put("members", group.members().stream().map(CheckpointInfo::name).toList())
          .put("problem", null);
    }
    return found instanceof CheckpointInfo info
        ? SummaryJson.of(info).put("problem", null)
        : new Json()
            .put("name", found.name())
            .put("problem", Failures.message(((UnreadableCheckpoint) found).problem()));
  }
}
