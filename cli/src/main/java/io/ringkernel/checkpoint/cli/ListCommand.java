package io.ringkernel.checkpoint.cli;

import io.ringkernel.checkpoint.cli.text.Json;
import io.ringkernel.checkpoint.cli.text.Printable;
import io.ringkernel.checkpoint.cli.text.Quantity;
import io.ringkernel.checkpoint.cli.text.Table;
import io.ringkernel.checkpoint.core.CheckpointInfo;
import io.ringkernel.checkpoint.core.GroupInfo;
import io.ringkernel.checkpoint.core.ListedCheckpoint;
import io.ringkernel.checkpoint.core.UnreadableCheckpoint;
import io.ringkernel.checkpoint.storage.StorageOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import reactor.core.publisher.Flux;

@Command(
    name = "ls",
    description = "List the checkpoints of a store.",
    footer = {
      "",
      "STATE is the size of the state, STORED that of the checkpoint's own file, and RATIO the",
      "first divided by the second. A delta's file holds only what changed since its base, so its",
      "ratio is high even without compression. A group of kernels has a line of its own, for all",
      "its members. If there are checkpoints of several kernels, KERNEL shows the kernel of each.",
      "",
      "What can't be read is listed as unreadable and reported on standard error, and the exit",
      "code is 1.",
      "",
      "Examples:",
      "  rkcp ls -s file:/var/lib/sim",
      "  rkcp ls step- --json"
    })
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
    int unreadable;
    try (Store open = store.open(session)) {
      Flux<ListedCheckpoint> listed = open.checkpointer().list(prefix);
      unreadable = json ? tell(listed) : show(session.await(listed.collectList()));
    }
    return unreadable > 0 ? 1 : 0;
  }

  private int tell(Flux<ListedCheckpoint> listed) {
    JsonArray array = new JsonArray(session, true);
    AtomicInteger unreadable = new AtomicInteger();
    session.finish(
        listed
            .doOnNext(
                found -> {
                  array.add(json(found));
                  if (found instanceof UnreadableCheckpoint broken) {
                    unreadable.incrementAndGet();
                    session.problem(Failures.message(broken.name(), broken.problem()));
                  }
                })
            .then());
    array.end();
    return unreadable.get();
  }

  private int show(List<ListedCheckpoint> listed) {
    boolean several = kernels(listed) > 1;
    Table table = new Table().left("NAME");
    (several ? table.left("KERNEL") : table)
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
        row(table, info, several);
      } else if (found instanceof GroupInfo group) {
        row(table, group, several);
      } else if (found instanceof UnreadableCheckpoint broken) {
        unreadable.add(broken);
        row(
            table,
            several,
            Printable.of(broken.name()),
            UNKNOWN,
            UNKNOWN,
            "unreadable",
            UNKNOWN,
            UNKNOWN,
            UNKNOWN,
            UNKNOWN,
            UNKNOWN,
            UNKNOWN);
      }
    }
    if (!listed.isEmpty()) {
      table.lines().forEach(session.out()::line);
    } else {
      // Nothing at all would leave a person wondering; a program counts no lines.
      session.notice(nothing(store.require(session), prefix));
    }
    unreadable.forEach(
        broken -> session.problem(Failures.message(broken.name(), broken.problem())));
    return unreadable.size();
  }

  /**
   * Says that there is nothing to be listed, not yet escaped.
   *
   * @param uri the store's
   */
  static String nothing(String uri, String prefix) {
    String place = StorageOptions.parse(uri).toString();
    return prefix.isEmpty()
        ? "there is no checkpoint in " + place
        : "no name in " + place + " begins with '" + prefix + "'";
  }

  private static long kernels(List<ListedCheckpoint> listed) {
    return listed.stream()
        .filter(CheckpointInfo.class::isInstance)
        .map(found -> ((CheckpointInfo) found).metadata().kernelId())
        .distinct()
        .count();
  }

  /** The kernel is told where there are several: it is the same in each row else. */
  private static void row(
      Table table, boolean several, String name, String kernel, String... more) {
    Stream<String> first = several ? Stream.of(name, kernel) : Stream.of(name);
    table.row(Stream.concat(first, Stream.of(more)).toArray(String[]::new));
  }

  private static void row(Table table, CheckpointInfo info, boolean several) {
    OptionalLong state = info.stateSize();
    row(
        table,
        several,
        Printable.of(info.name()),
        Printable.of(info.metadata().kernelId()),
        Quantity.count(info.metadata().step()),
        Receipts.kind(info),
        state.isPresent() ? Quantity.bytes(state.getAsLong()) : UNKNOWN,
        Quantity.bytes(info.fileSize()),
        state.isPresent() ? Quantity.ratio(state.getAsLong(), info.fileSize()) : UNKNOWN,
        Summary.compression(info.codec()),
        info.tags().isEmpty() ? UNKNOWN : Summary.tags(info),
        Quantity.moment(info.metadata().createdAt()));
  }

  private static void row(Table table, GroupInfo group, boolean several) {
    long state = GroupSummary.stateSize(group);
    long stored = GroupSummary.fileSize(group);
    row(
        table,
        several,
        Printable.of(group.name()),
        UNKNOWN,
        UNKNOWN,
        "group",
        Quantity.bytes(state),
        Quantity.bytes(stored),
        Quantity.ratio(state, stored),
        UNKNOWN,
        UNKNOWN,
        Quantity.moment(GroupSummary.createdAt(group)));
  }

  /** The key "error" is in every element: null for what can be read. */
  private static Json json(ListedCheckpoint found) {
    if (found instanceof UnreadableCheckpoint broken) {
      return SummaryJson.of(broken);
    }
    Json told =
        found instanceof GroupInfo group
            ? GroupSummary.json(group)
            : SummaryJson.of((CheckpointInfo) found);
    return told.put("error", null);
  }
}
