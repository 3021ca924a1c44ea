package io.ringkernel.checkpoint.cli;

import io.ringkernel.checkpoint.cli.text.Json;
import io.ringkernel.checkpoint.cli.text.Printable;
import io.ringkernel.checkpoint.cli.text.Quantity;
import io.ringkernel.checkpoint.cli.text.Table;
import io.ringkernel.checkpoint.core.CheckpointInfo;
import io.ringkernel.checkpoint.core.CheckpointKind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What a demo did: one table, and the proof. */
final class DemoReport {
  private static final String UNKNOWN = "-";

  private final DemoPlan plan;
  private final DemoDirectory place;
  private final DemoOutcome outcome;
  private final DemoHistory history;
  private final List<Path> pictures;
  private final Path changes;
  private final Map<String, DemoEvent.Saved> receipts = new HashMap<>();

  /**
   * @param history what is in the store
   * @param pictures one for each of its checkpoints
   * @param changes the picture of the blocks that changed
   */
  DemoReport(
      DemoPlan plan,
      DemoDirectory place,
      DemoOutcome outcome,
      DemoHistory history,
      List<Path> pictures,
      Path changes) {
    this.plan = plan;
    this.place = place;
    this.outcome = outcome;
    this.history = history;
    this.pictures = pictures;
    this.changes = changes;
    outcome.saved().forEach(saved -> receipts.put(saved.name(), saved));
  }

  /** For people. */
  List<String> lines(Duration took) {
    List<String> lines = new ArrayList<>(table());
    lines.addAll(whyFull());
    lines.add("");
    lines.addAll(regions());
    lines.add("");
    lines.add("SHA-256 of the state at step " + Quantity.count(plan.steps()));
    String first = outcome.restored() == null ? "saved     " : "restored  ";
    lines.add("  " + first + "     " + outcome.reached());
    lines.add("  uninterrupted  " + outcome.uninterrupted());
    lines.add(outcome.isIdentical() ? "Identical, bit for bit." : "NOT identical.");
    lines.add("");
    lines.add("Pictures of the wave: " + shownPictures());
    lines.add("Blocks that changed:  " + shellWord(changes.toString()));
    String called = shellWord(called());
    String place = " -s " + shellWord(this.place.store());
    lines.add("Look further:         " + called + " ls" + place);
    lines.add("                      " + called + " verify" + place + " --all --full");
    lines.add("Took " + Quantity.time(took) + ".");
    return lines;
  }

  private List<String> table() {
    Table table = new Table().left("CHECKPOINT").right("STEP").left("KIND");
    table
        .right("CAPTURED")
        .right("CHANGED")
        .right("STORED")
        .right("RATIO")
        .right("STALL")
        .right("SAVE TIME");
    boolean lost = false;
    for (DemoHistory.Change change : history.changes()) {
      CheckpointInfo info = change.checkpoint();
      DemoEvent.Saved receipt = receipts.get(info.name());
      lost |= receipt == null;
      long captured = info.stateSize().orElse(0);
      table.row(
          Printable.of(info.name()),
          Quantity.count(info.metadata().step()),
          Receipts.kind(info.kind()),
          Quantity.bytes(captured),
          Quantity.percent(change.bytes(), captured),
          Quantity.bytes(info.fileSize()),
          Quantity.ratio(captured, info.fileSize()),
          receipt == null ? UNKNOWN : Quantity.time(receipt.stall()),
          receipt == null ? UNKNOWN : Quantity.time(receipt.duration()));
    }
    List<String> lines = new ArrayList<>(table.lines());
    if (lost) {
      lines.add("- : committed, but its process was killed before it could report this.");
    }
    return lines;
  }

  /** Why a checkpoint was not stored as what changed. */
  private List<String> whyFull() {
    return history.changes().stream()
        .map(DemoHistory.Change::checkpoint)
        .filter(info -> info.kind() == CheckpointKind.FULL)
        .map(
            info -> "Full at step " + Quantity.count(info.metadata().step()) + ": " + whyFull(info))
        .toList();
  }

  private String whyFull(CheckpointInfo info) {
    DemoEvent.Saved receipt = receipts.get(info.name());
    if (plan.isFull(info.metadata().step())) {
      return "the first of every " + plan.fullEvery() + ", as --full-every asks.";
    }
    return receipt == null ? "its process was killed before it could say why." : receipt.notes();
  }

  /** What of each region changed from checkpoint to checkpoint. */
  private List<String> regions() {
    Table table = new Table().left("REGION").right("SIZE").right("CHANGED, ON AVERAGE");
    for (DemoHistory.Region region : history.regions()) {
      table.row(
          Printable.of(region.name()),
          Quantity.bytes(region.size()),
          Quantity.percent(Math.round(region.changedBytes()), region.size()));
    }
    return table.lines();
  }

  private String shownPictures() {
    if (pictures.isEmpty()) {
      return "none";
    }
    String first = shellWord(pictures.get(0).toString());
    return pictures.size() == 1 ? first : first + " and " + (pictures.size() - 1) + " more";
  }

  /** As the launcher was called, which need not be on the path. */
  private static String called() {
    return System.getProperty("rkcp.called", "rkcp");
  }

  /** As it can be pasted into a shell. */
  private static String shellWord(String text) {
    return text.matches("[A-Za-z0-9_./:%+,=@~-]+")
        ? text
        : "'" + Printable.of(text).replace("'", "'\\''") + "'";
  }

  /** For programs. */
  Json json() {
    DemoEvent.Restored restored = outcome.restored();
    return new Json()
        .put("directory", place.pictures().toString())
        .put("store", place.store())
        .put("kernel", plan.program())
        .put("kernel_id", plan.kernelId())
        .put("size", plan.size())
        .unsigned("steps", plan.steps())
        .unsigned("every", plan.every())
        .put("compression", plan.compression().toString())
        .put("killed", restored != null)
        .put("restored", restored == null ? null : restored.name())
        .put("restored_step", restored == null ? null : Long.toString(restored.step()))
        .put("sha256", outcome.reached())
        .put("uninterrupted_sha256", outcome.uninterrupted())
        .put("identical", outcome.isIdentical())
        .put("full_every", plan.fullEvery())
        .put("checkpoints", history.changes().stream().map(this::row).toList())
        .put("regions", history.regions().stream().map(DemoReport::row).toList())
        .put("pictures", pictures.stream().map(Path::toString).toList())
        .put("changes_picture", changes.toString());
  }

  private static Json row(DemoHistory.Region region) {
    return new Json()
        .put("name", region.name())
        .put("bytes", region.size())
        .put("changed_bytes_on_average", Math.round(region.changedBytes()));
  }

  private Json row(DemoHistory.Change change) {
    CheckpointInfo info = change.checkpoint();
    DemoEvent.Saved receipt = receipts.get(info.name());
    return new Json()
        .put("name", info.name())
        .unsigned("step", info.metadata().step())
        .put("kind", Receipts.kind(info.kind()))
        .put("captured_bytes", info.stateSize().orElse(0))
        .put("changed_bytes", change.bytes())
        .put("stored_bytes", info.fileSize())
        .put("why_full", info.kind() == CheckpointKind.FULL ? whyFull(info) : null)
        .put("stall_micros", micros(receipt, DemoEvent.Saved::stall))
        .put("duration_micros", micros(receipt, DemoEvent.Saved::duration));
  }

  private static @Nullable Long micros(
      DemoEvent.@Nullable Saved receipt, Function<DemoEvent.Saved, Duration> span) {
    return receipt == null ? null : Receipts.micros(span.apply(receipt));
  }
}
