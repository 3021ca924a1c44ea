package io.ringkernel.checkpoint.cli;

import io.ringkernel.checkpoint.cli.files.NewFile;
import io.ringkernel.checkpoint.cli.text.Printable;
import io.ringkernel.checkpoint.cli.text.Quantity;
import io.ringkernel.checkpoint.cli.text.RefusedException;
import io.ringkernel.checkpoint.core.CheckpointInfo;
import io.ringkernel.checkpoint.core.Checkpointer;
import io.ringkernel.checkpoint.format.Compression;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
    name = "demo",
    description = "Run a wave simulation, kill it, restore it, and prove that nothing was lost.",
    footer = {
      "",
      "A process runs a 3-D wave (FDTD, float32) and saves it while it runs on. The process is",
      "killed with SIGKILL in the middle, at a random moment of a save. A second process restores",
      "the latest checkpoint and runs to the end; a third runs from the start, uninterrupted.",
      "Their final states must be the same, bit for bit.",
      "",
      "The directory then holds the store, a picture of the wave at each checkpoint, and one of",
      "the blocks that changed from checkpoint to checkpoint. What was in the directory before",
      "stays. In the middle of the cube is a lens. The speed of the wave in each cell never",
      "changes, so deltas don't store it.",
      "",
      "Examples:",
      "  rkcp demo",
      "  rkcp demo --size 64 --steps 1000 --every 100 --compression zstd:3 --dir out",
      "  rkcp demo --kernel cuda",
      "  rkcp demo --dir gs://bucket/demo --pictures out"
    })
final class DemoCommand implements Callable<Integer> {
  private final Session session;

  @Option(
      names = "--kernel",
      paramLabel = "K",
      defaultValue = "cpu",
      description =
          "What computes the wave: cpu, or cuda for a persistent kernel on a GPU (default"
              + " ${DEFAULT-VALUE}).")
  private String kernel = "";

  @Option(
      names = "--dir",
      paramLabel = "DIR|URI",
      description =
          "Where to leave store and pictures: a directory, or the URI of a store, such as"
              + " gs://bucket/prefix (default: a new temporary directory).")
  private @Nullable String directory;

  @Option(
      names = "--pictures",
      paramLabel = "DIR",
      description = "Where to leave the pictures (default: DIR, or rkcp-demo if --dir is a URI).")
  private @Nullable String pictures;

  @Option(
      names = "--size",
      paramLabel = "N",
      defaultValue = "128",
      description = "Cells on each side of the cube (default ${DEFAULT-VALUE}).")
  private int size;

  @Option(
      names = "--steps",
      paramLabel = "N",
      defaultValue = "2000",
      description = "The step at which the run ends (default ${DEFAULT-VALUE}).")
  private long steps;

  @Option(
      names = "--every",
      paramLabel = "N",
      description = "Steps between checkpoints (default: a tenth of the steps).")
  private @Nullable Long every;

  @Option(
      names = "--full-every",
      paramLabel = "N",
      defaultValue = "8",
      description =
          "One full checkpoint, then N - 1 that store what changed (default ${DEFAULT-VALUE}).")
  private int fullEvery;

  @Option(
      names = "--compression",
      paramLabel = "C",
      defaultValue = "zstd",
      converter = Converters.CompressionName.class,
      description = "none, lz4 or zstd, or with a level: zstd:7 (default ${DEFAULT-VALUE}).")
  private Compression compression = Compression.NONE;

  @Option(names = "--no-kill", description = "Let the first process run to the end.")
  private boolean noKill;

  @Option(names = "--json", description = "Print the outcome as a JSON object.")
  private boolean json;

  @Spec private @Nullable CommandSpec command;

  DemoCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws IOException {
    long begun = System.nanoTime();
    DemoPlan usable = usablePlan();
    DemoDirectory place = DemoDirectory.prepare(directory, pictures, session);
    DemoPlan plan = usable.withKernelId(place.kernelId());
    Progress progress = new Progress(json ? session.err() : session.out());
    introduce(plan, place, progress);
    DemoOutcome outcome = new DemoRun(plan, place, progress, session).toTheEnd(!noKill);
    DemoReport report = report(plan, place, outcome);
    if (json) {
      session.json(report.json());
    } else {
      report.lines(Duration.ofNanos(System.nanoTime() - begun)).forEach(session.out()::line);
    }
    if (!outcome.isIdentical()) {
      throw new RefusedException("the final states differ: this must not happen, please report it");
    }
    return 0;
  }

  private DemoReport report(DemoPlan plan, DemoDirectory place, DemoOutcome outcome)
      throws IOException {
    DemoGallery gallery = new DemoGallery(place, session);
    try (Store store = new Store(Checkpointer.open(place.store()), session)) {
      List<CheckpointInfo> checkpoints = gallery.checkpoints(store.checkpointer());
      List<Path> pictures = gallery.draw(store.checkpointer(), checkpoints);
      DemoHistory history = DemoHistory.of(checkpoints, store.checkpointer(), session);
      Path changes = NewFile.write(place.changes(), history.picture(place.kernelId()));
      return new DemoReport(plan, place, outcome, history, pictures, changes);
    }
  }

  private DemoPlan usablePlan() {
    DemoPlan plan =
        new DemoPlan(
            kernel,
            "",
            size,
            steps,
            every == null ? Math.max(1, steps / 10) : every,
            fullEvery,
            compression);
    try {
      plan.requireUsable();
    } catch (IllegalArgumentException e) {
      CommandSpec spec = command;
      if (spec == null) {
        throw e;
      }
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
    plan.requireAvailable();
    return plan;
  }

  private static void introduce(DemoPlan plan, DemoDirectory place, Progress progress) {
    String side = Integer.toString(plan.size());
    progress.line(
        "A wave in a cube of %s x %s x %s cells, computed by %s: %s steps, a checkpoint every %s."
            .formatted(
                side,
                side,
                side,
                plan.program().equals("cpu") ? "the CPU" : plan.program(),
                Quantity.count(plan.steps()),
                Quantity.count(plan.every())));
    progress.line("Store    " + Printable.of(place.store()));
    if (!place.wasEmpty()) {
      progress.line("  what is there stays; this run is " + place.kernelId() + ".");
    }
    progress.line("Pictures " + Printable.of(place.pictures().toString()));
    progress.line("");
  }
}
