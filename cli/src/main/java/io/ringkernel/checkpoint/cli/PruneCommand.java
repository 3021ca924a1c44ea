package io.ringkernel.checkpoint.cli;

import io.ringkernel.checkpoint.cli.text.Json;
import io.ringkernel.checkpoint.cli.text.Printable;
import io.ringkernel.checkpoint.cli.text.Quantity;
import io.ringkernel.checkpoint.cli.text.Table;
import io.ringkernel.checkpoint.core.PruneOptions;
import io.ringkernel.checkpoint.core.PruneReport;
import io.ringkernel.checkpoint.core.PruneReport.Fate;
import io.ringkernel.checkpoint.core.UnreadableCheckpoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "prune",
    description = "Remove the checkpoints that no rule keeps.",
    footer = {
      "",
      "What any rule keeps is kept. Savepoints and bare files stay in any case, and so does the",
      "newest checkpoint of each kernel that can be restored. Deltas need none of what goes: the",
      "objects that they refer to stay until nothing does. Space is given back by rkcp gc.",
      "",
      "Examples:",
      "  rkcp prune -s file:/var/lib/sim --keep-last 5 --keep-every 12h --dry-run",
      "  rkcp prune --keep-last 3 --keep-every 1000 --keep-tag good --keep-best loss:min wave-0"
    })
final class PruneCommand implements Callable<Integer> {
  private final Session session;

  @Mixin private StoreOption store = new StoreOption();

  @Mixin private RetentionOptions retention = new RetentionOptions();

  @Parameters(
      paramLabel = "KERNEL",
      arity = "0..*",
      description = "Only checkpoints of these kernels, by kernel id.")
  private List<String> kernels = List.of();

  @Option(names = "--dry-run", description = "Change nothing; tell what would be removed.")
  private boolean dryRun;

  @Option(names = "--json", description = "Tell what was kept and removed as a JSON array.")
  private boolean json;

  PruneCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    if (!retention.isGiven()) {
      throw store.wrongUsage("nothing says what to keep: give --keep-last or another --keep rule");
    }
    try (Store open = store.open(session)) {
      List<PruneReport> reports = new ArrayList<>();
      for (PruneOptions options : options()) {
        reports.add(session.await(open.checkpointer().prune(retention.policy(), options)));
      }
      if (json) {
        JsonArray array = new JsonArray(session, true);
        reports.forEach(report -> add(array, report));
        array.end();
      } else {
        show(reports);
      }
    }
    return 0;
  }

  private List<PruneOptions> options() {
    PruneOptions all = dryRun ? PruneOptions.defaults().dryRun() : PruneOptions.defaults();
    return kernels.isEmpty()
        ? List.of(all)
        : kernels.stream().distinct().map(all::ofKernel).toList();
  }

  private void show(List<PruneReport> reports) {
    Table table = new Table().left("NAME").right("STEP").left("FATE").left("BECAUSE");
    int looked = 0;
    int removed = 0;
    for (PruneReport report : reports) {
      for (PruneReport.Decision decision : report.decisions()) {
        looked++;
        removed += decision.fate() == Fate.REMOVED ? 1 : 0;
        table.row(
            Printable.of(decision.checkpoint().name()),
            Quantity.count(decision.checkpoint().metadata().step()),
            word(decision.fate()),
            Printable.of(String.join("; ", decision.reasons())));
      }
    }
    if (looked > 0) {
      table.lines().forEach(session.out()::line);
    }
    for (UnreadableCheckpoint broken : unreadable(reports)) {
      String problem = Printable.of(Failures.message(broken.problem()));
      session.out().line("UNREADABLE  " + Printable.of(broken.name()) + ": " + problem);
    }
    session
        .out()
        .line(
            (dryRun ? "would remove " : "removed ")
                + Quantity.count(removed)
                + " of "
                + Quantity.count(looked)
                + (looked == 1 ? " checkpoint" : " checkpoints"));
  }

  /** Each once: every kernel's report names all that could be of any kernel. */
  private static List<UnreadableCheckpoint> unreadable(List<PruneReport> reports) {
    return reports.isEmpty() ? List.of() : reports.get(0).unreadable();
  }

  private static String word(Fate fate) {
    return fate.name().toLowerCase(Locale.ROOT);
  }

  private void add(JsonArray array, PruneReport report) {
    for (PruneReport.Decision decision : report.decisions()) {
      array.add(
          new Json()
              .put("name", decision.checkpoint().name())
              .put("kernel_id", decision.checkpoint().metadata().kernelId())
              .unsigned("step", decision.checkpoint().metadata().step())
              .put("fate", word(decision.fate()))
              .put("dry_run", report.dryRun())
              .put("reasons", decision.reasons()));
    }
  }
}
