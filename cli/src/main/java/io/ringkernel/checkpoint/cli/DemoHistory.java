package io.ringkernel.checkpoint.cli;

import io.ringkernel.checkpoint.cli.picture.BlockTimeline;
import io.ringkernel.checkpoint.cli.text.Quantity;
import io.ringkernel.checkpoint.core.CheckpointDiff;
import io.ringkernel.checkpoint.core.CheckpointInfo;
import io.ringkernel.checkpoint.core.Checkpointer;
import java.util.ArrayList;
import java.util.List;

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
