package io.ringkernel.checkpoint.cli;

import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.cli.text.Json;
import io.ringkernel.checkpoint.cli.text.Printable;
import io.ringkernel.checkpoint.cli.text.Quantity;
import io.ringkernel.checkpoint.cli.text.RefusedException;
import io.ringkernel.checkpoint.cli.text.Table;
import io.ringkernel.checkpoint.core.Checkpointer;
import io.ringkernel.checkpoint.core.HeadReport;
import io.ringkernel.checkpoint.core.PruneOptions;
import io.ringkernel.checkpoint.core.PruneReport;
import io.ringkernel.checkpoint.core.PruneReport.Fate;
import io.ringkernel.checkpoint.core.UnreadableCheckpoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "prune",
    description = "Remove the checkpoints that no rule keeps.",
    footer = {
      "",
      "A checkpoint stays if any rule keeps it. Savepoints, bare files and groups always stay, and",
      "so does each kernel's newest checkpoint that can be restored. A group keeps what its",
      "members store; rkcp rm removes it.",
      "",
      "Removing a checkpoint harms no delta: the objects that a delta refers to stay until nothing",
      "refers to them. rkcp gc then frees the space.",
      "",
      "Of a kernel whose head is damaged or lost, nothing is removed, since nobody can tell which",
      "checkpoint is newer: rkcp repair mends it. Such heads, and checkpoints that can't be read,",
      "are reported, and the exit code is 1.",
      "",
      "A kernel, tag or entry that no checkpoint has may be mistyped: it is an error, and nothing",
      "is removed. SPAN is a number and one of ms, s, m, h and d (30m, 12h, 7d), or PT12H.",
      "",
      "Examples:",
      "  rkcp prune -s file:/var/lib/sim --keep-last 5 --keep-every 12h --dry-run",
      "  rkcp prune --keep-last 3 --keep-every 1000 --keep-tag good --keep-best loss:min wave-0"
    })
final class PruneCommand implements Callable<Integer> {
  private static final String NOTHING_REMOVED = "; nothing was removed";

  private final Session session;

  @Mixin private StoreOption store = new StoreOption();

  @Mixin private RetentionOptions retention = new RetentionOptions();

  @Parameters(
      paramLabel = "KERNEL",
      arity = "0..*",
      description = "Only checkpoints of these kernels, by kernel id ('' for the empty one).")
  private List<String> kernels = List.of();

  @Option(
      names = "--allow-unmatched",
      description = "Go on when no checkpoint has a tag or an entry that a rule names.")
  private boolean allowUnmatched;

  @Option(names = "--dry-run", description = "Change nothing; print what would be removed.")
  private boolean dryRun;

  @Option(names = "--json", description = "Print what was kept and removed as a JSON array.")
  private boolean json;

  PruneCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    if (!retention.isGiven()) {
      throw store.wrongUsage("nothing says what to keep: give --keep-last or another --keep rule");
    }
    store.requireUsed(session);
    List<PruneReport> reports;
    try (Store open = store.open(session)) {
      requireKernels(open);
      boolean lookFirst = retention.namesWhatMayBeMissing() && !allowUnmatched;
      reports = prune(open.checkpointer(), dryRun || lookFirst);
      if (lookFirst) {
        requireMatches(reports);
      }
      if (lookFirst && !dryRun) {
        reports = prune(open.checkpointer(), false);
      }
    }
    if (json) {
      tell(reports);
    } else {
      show(reports);
    }
    List<UnreadableCheckpoint> unreadable = unreadable(reports);
    unreadable.forEach(
        broken -> session.problem(Failures.message(broken.name(), broken.problem())));
    List<HeadReport> heads = heads(reports);
    heads.forEach(head -> session.problem(wrong(head)));
    return unreadable.isEmpty() && heads.isEmpty() ? 0 : 1;
  }

  private static List<HeadReport> heads(List<PruneReport> reports) {
    return reports.stream().flatMap(report -> report.heads().stream()).toList();
  }

  private static String wrong(HeadReport head) {
    return Failures.message(Objects.requireNonNull(head.finding(), "only those are told of"));
  }

  /** A mistyped kernel must not look like one of which nothing was to be removed. */
  private void requireKernels(Store open) {
    if (kernels.isEmpty()) {
      return;
    }
    Set<String> there = open.kernelIds();
    for (String kernel : kernels) {
      if (!there.contains(kernel)) {
        throw new RefusedException(
            "no checkpoint of kernel '"
                + kernel
                + "' in "
                + store.shown(session)
                + NOTHING_REMOVED);
      }
    }
  }

  /** Neither must a mistyped tag or entry look like one that keeps what it was meant for. */
  private static void requireMatches(List<PruneReport> reports) {
    Optional<String> unmatched = Unmatched.of(reports);
    if (unmatched.isPresent()) {
      throw new RefusedException(
          unmatched.get() + NOTHING_REMOVED + "; if that is intended, give --allow-unmatched");
    }
  }

  private List<PruneReport> prune(Checkpointer checkpointer, boolean dry) {
    // What may be missing was looked for in all kernels together before.
    PruneOptions real = PruneOptions.defaults().allowUnmatched();
    PruneOptions all = dry ? real.asDryRun() : real;
    List<PruneOptions> options =
        kernels.isEmpty() ? List.of(all) : kernels.stream().distinct().map(all::ofKernel).toList();
    List<PruneReport> reports = new ArrayList<>();
    for (PruneOptions one : options) {
      reports.add(session.await(checkpointer.prune(retention.policy(), one)));
    }
    return reports;
  }

  private void show(List<PruneReport> reports) {
    boolean several = kernelIds(reports).size() > 1;
    Table table = new Table().left("NAME");
    // Rules count for each kernel by itself.
    (several ? table.left("KERNEL") : table).right("STEP").left("FATE").left("BECAUSE");
    int looked = 0;
    int removed = 0;
    for (PruneReport report : reports) {
      for (PruneReport.Decision decision : report.decisions()) {
        looked++;
        removed += decision.fate() == Fate.REMOVED ? 1 : 0;
        table.row(cells(decision, several).toArray(String[]::new));
      }
    }
    if (looked > 0) {
      table.lines().forEach(session.out()::line);
    }
    session
        .out()
        .line(
            (dryRun ? "would remove " : "removed ")
                + Quantity.count(removed)
                + " of "
                + Quantity.plural(looked, "checkpoint"));
  }

  private List<String> cells(PruneReport.Decision decision, boolean several) {
    CheckpointMetadata metadata = decision.checkpoint().metadata();
    List<String> cells = new ArrayList<>();
    cells.add(Printable.of(decision.checkpoint().name()));
    if (several) {
      cells.add(Printable.of(metadata.kernelId()));
    }
    cells.add(Quantity.count(metadata.step()));
    cells.add(
        dryRun && decision.fate() == Fate.REMOVED ? "would be removed" : word(decision.fate()));
    cells.add(Printable.of(String.join("; ", decision.reasons())));
    return cells;
  }

  private static Set<String> kernelIds(List<PruneReport> reports) {
    return reports.stream()
        .flatMap(report -> report.decisions().stream())
        .map(decision -> decision.checkpoint().metadata().kernelId())
        .collect(Collectors.toSet());
  }

  /** Each once: every kernel's report names all that could be of any kernel. */
  private static List<UnreadableCheckpoint> unreadable(List<PruneReport> reports) {
    return reports.get(0).unreadable();
  }

  private static String word(Fate fate) {
    return fate.name().toLowerCase(Locale.ROOT);
  }

  private void tell(List<PruneReport> reports) {
    JsonArray array = new JsonArray(session, true);
    reports.forEach(report -> add(array, report));
    for (UnreadableCheckpoint broken : unreadable(reports)) {
      array.add(SummaryJson.of(broken));
    }
    for (HeadReport head : heads(reports)) {
      array.add(
          new Json()
              .put("name", head.name())
              .put("kernel_id", head.kernelId())
              .put("error", wrong(head)));
    }
    array.end();
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
              .put("reasons", decision.reasons())
              .put("error", null));
    }
  }
}
