package io.ringkernel.checkpoint.cli;

import io.ringkernel.checkpoint.cli.text.Json;
import io.ringkernel.checkpoint.cli.text.Printable;
import io.ringkernel.checkpoint.cli.text.Quantity;
import io.ringkernel.checkpoint.core.CollectOptions;
import io.ringkernel.checkpoint.core.CollectReport;
import io.ringkernel.checkpoint.internal.Spans;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "gc",
    description = "Remove the stored objects that no checkpoint needs any more.",
    footer = {
      "",
      "These objects are left over from rm, prune and flatten, from replaced checkpoints, and from",
      "saves that were killed. An object is removed when an earlier run, longer ago than the grace",
      "period, found that nothing refers to it. So the first run after a removal mostly only",
      "marks. SPAN is a number and one of ms, s, m, h and d (30m, 2h), or PT2H, or 0.",
      "",
      "Any number of saves may run at the same time: what they need stays. A save that was killed",
      "looks like one at work until its lease ends, two minutes after its last sign of life unless",
      "its program says otherwise.",
      "",
      "If a kernel's head or anything else that may refer to objects is damaged or lost, nothing is",
      "removed and the exit code is 1; rkcp repair mends a head.",
      "",
      "Examples:",
      "  rkcp gc -s file:/var/lib/sim",
      "  rkcp gc --grace 0 --dry-run"
    })
final class CollectCommand implements Callable<Integer> {
  private final Session session;

  @Mixin private StoreOption store = new StoreOption();

  @Option(
      names = "--grace",
      paramLabel = "SPAN",
      defaultValue = "1h",
      converter = Converters.Span.class,
      description =
          "How long an object must have been without a reference (default ${DEFAULT-VALUE}).")
  private Duration grace = CollectOptions.DEFAULT_GRACE;

  @Option(names = "--dry-run", description = "Change nothing; print what would be removed.")
  private boolean dryRun;

  @Option(names = "--json", description = "Print what was removed as a JSON object.")
  private boolean json;

  CollectCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    store.requireUsed(session);
    try (Store open = store.open(session)) {
      CollectOptions options = CollectOptions.defaults().grace(grace);
      CollectReport report =
          session.await(open.checkpointer().collect(dryRun ? options.asDryRun() : options));
      if (json) {
        session.json(json(report));
      } else {
        show(report);
      }
    }
    return 0;
  }

  private void show(CollectReport report) {
    String does = report.dryRun() ? "would remove " : "removed ";
    session
        .out()
        .line(
            does
                + Quantity.plural(report.removed().size(), "object")
                + ", "
                + Quantity.bytes(report.removedBytes())
                + "; "
                + Quantity.count(report.referred())
                + " of "
                + Quantity.count(report.objects())
                + " are in use");
    if (!report.condemned().isEmpty()) {
      session
          .out()
          .line(
              Quantity.plural(report.condemned().size(), "object")
                  + ", "
                  + Quantity.bytes(bytes(report.condemned()))
                  + ", may go once nothing has referred to them for "
                  + Spans.words(grace));
    }
    Instant leasesEnd = report.leasesEnd();
    if (leasesEnd != null) {
      session
          .out()
          .line(
              "savers at work, or killed and not given up yet: "
                  + Quantity.count(report.pins())
                  + "; the last lease ends at "
                  + Quantity.moment(leasesEnd)
                  + ", unless it is renewed");
    }
    report.notes().forEach(note -> session.out().line("note: " + Printable.of(note)));
  }

  private static long bytes(List<CollectReport.Garbage> garbage) {
    return garbage.stream().mapToLong(CollectReport.Garbage::size).sum();
  }

  private static Json json(CollectReport report) {
    return new Json()
        .put("dry_run", report.dryRun())
        .put("removed", report.removed().stream().map(CollectCommand::json).toList())
        .put("removed_bytes", report.removedBytes())
        .put("condemned", report.condemned().stream().map(CollectCommand::json).toList())
        .put("objects", report.objects())
        .put("referred", report.referred())
        .put("pins", report.pins())
        .put("leases_end", report.leasesEnd() == null ? null : report.leasesEnd().toString())
        .put("notes", report.notes());
  }

  private static Json json(CollectReport.Garbage garbage) {
    return new Json()
        .put("object_id", garbage.id().hex())
        .put("bytes", garbage.size())
        .put("stored_at", garbage.storedAt().toString())
        .put("condemned_at", garbage.condemnedAt().toString());
  }
}
