package io.ringkernel.checkpoint.cli;

import io.ringkernel.checkpoint.cli.picture.BlockTimeline;
import io.ringkernel.checkpoint.cli.text.Quantity;
import io.ringkernel.checkpoint.core.CheckpointDiff;
import io.ringkernel.checkpoint.core.CheckpointInfo;
import io.ringkernel.checkpoint.core.Checkpointer;
import io.ringkernel.checkpoint.core.ChunkDiff;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What changed from checkpoint to checkpoint, by the indexes in the store: so it is known also of
 * those whose process was killed before it could tell.
 *
 * @param changes one for each checkpoint, in order
 */
record DemoHistory(List<Change> changes) {
  /** Copies {@code changes}. */
  DemoHistory {
    changes = List.copyOf(changes);
  }

  /**
   * One checkpoint.
   *
   * @param checkpoint which
   * @param bytes of the blocks that differ from the checkpoint before; all of the first
   * @param row the same as a picture shows it
   */
  record Change(CheckpointInfo checkpoint, long bytes, BlockTimeline.Row row) {}

  /**
   * A named region.
   *
   * @param name its name
   * @param size bytes
   * @param changedBytes of the blocks that differ from the checkpoint before, on average
   */
  record Region(String name, long size, double changedBytes) {}

  /** The named regions, in order; the first checkpoint, where all is new, does not count. */
  List<Region> regions() {
    Map<String, List<ChunkDiff>> diffs = new LinkedHashMap<>();
    for (Change change : changes.subList(Math.min(1, changes.size()), changes.size())) {
      for (ChunkDiff chunk : change.row().chunks()) {
        chunk
            .name()
            .ifPresent(name -> diffs.computeIfAbsent(name, n -> new ArrayList<>()).add(chunk));
      }
    }
    List<Region> regions = new ArrayList<>();
    diffs.forEach(
        (name, chunks) ->
            regions.add(
                new Region(
                    name,
                    chunks.get(0).sizeAfter(),
                    chunks.stream().mapToLong(ChunkDiff::changedBytes).average().orElse(0))));
    return regions;
  }

  /** Compares each checkpoint with the one before. */
  static DemoHistory of(
      List<CheckpointInfo> checkpoints, Checkpointer checkpointer, Session session) {
    List<Change> changes = new ArrayList<>();
    CheckpointInfo before = null;
    for (CheckpointInfo info : checkpoints) {
      boolean first = before == null;
      String other = before == null ? info.name() : before.name();
      CheckpointDiff diff = session.await(checkpointer.diff(other, info.name()));
      long all = info.stateSize().orElse(0);
      long bytes = first ? all : diff.changedBytes();
      String label = "step " + Quantity.count(info.metadata().step());
      String note = Receipts.kind(info.kind()) + ", " + Quantity.percent(bytes, all);
      BlockTimeline.Row row = new BlockTimeline.Row(label, note, first, diff.chunks());
      changes.add(new Change(info, bytes, row));
      before = info;
    }
    return new DemoHistory(changes);
  }

  /** A row of blocks for each checkpoint, as PNG. */
  byte[] picture(String kernelId) {
    return BlockTimeline.png(
        kernelId + ": blocks that changed since the checkpoint before",
        changes.stream().map(Change::row).toList());
  }
}
