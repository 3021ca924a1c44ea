package io.ringkernel.checkpoint.cli.picture;

import io.ringkernel.checkpoint.cli.text.Printable;
import io.ringkernel.checkpoint.cli.text.Quantity;
import io.ringkernel.checkpoint.cli.text.RefusedException;
import io.ringkernel.checkpoint.core.CheckpointDiff;
import io.ringkernel.checkpoint.core.ChunkDiff;
import java.util.List;

/**
 * Which blocks differ between two checkpoints: a cell for each block, in rows, chunk below chunk.
 */
public final class BlockMap {
  private static final int MARGIN = 16;

  /** Room for the legend, and for the name and figures of a chunk. */
  private static final int LEAST_WIDTH = 640;

  private static final int LEAST_COLUMNS = 32;
  private static final int MOST_COLUMNS = 2048;
  private static final int LARGEST_CELL = 20;

  /** Smaller cells are told apart without a line between them, or not at all. */
  private static final int LEAST_CELL_WITH_GAP = 4;

  /** As many as fill a picture of two thousand by four thousand pixels. */
  private static final long MOST_BLOCKS = 8L << 20;

  private final CheckpointDiff diff;
  private final int columns;
  private final int cell;

  private BlockMap(CheckpointDiff diff) {
    this.diff = diff;
    long blocks = diff.chunks().stream().mapToLong(ChunkDiff::blocks).sum();
    if (blocks > MOST_BLOCKS) {
      throw new RefusedException(
          "no picture has room for "
              + Quantity.count(blocks)
              + " blocks, "
              + Quantity.count(MOST_BLOCKS)
              + " at most; --json tells them all");
    }
    long largest = diff.chunks().stream().mapToLong(ChunkDiff::blocks).max().orElse(0);
    int wanted = LEAST_COLUMNS;
    // Twice as wide as high.
    while (wanted < MOST_COLUMNS && (long) wanted * wanted < 2 * largest) {
      wanted *= 2;
    }
    this.columns = wanted;
    this.cell = Math.max(1, Math.min(LARGEST_CELL, 1024 / wanted));
  }

  /**
   * Draws it.
   *
   * @param diff what differs
   * @return a PNG file
   * @throws RefusedException when there are too many blocks for a picture
   */
  public static byte[] png(CheckpointDiff diff) {
    return new BlockMap(diff).draw().png();
  }

  private Canvas draw() {
    List<String> head =
        List.of(
            Printable.of(diff.before()) + " > " + Printable.of(diff.after()),
            "one cell: a block of " + Quantity.bytes(diff.blockSize()));
    int width = 2 * MARGIN + Math.max(LEAST_WIDTH, columns * cell);
    for (String line : head) {
      width = Math.max(width, 2 * MARGIN + Canvas.width(line));
    }
    for (ChunkDiff chunk : diff.chunks()) {
      width = Math.max(width, 2 * MARGIN + Canvas.width(title(chunk)));
    }
    int height = 2 * MARGIN + (head.size() + 1) * Canvas.LINE;
    for (ChunkDiff chunk : diff.chunks()) {
      height += chunkHeight(chunk);
    }
    Canvas canvas = new Canvas(width, height);
    int y = MARGIN;
    for (String line : head) {
      canvas.text(MARGIN, y, line);
      y += Canvas.LINE;
    }
    canvas.legend(MARGIN, y, true);
    y += Canvas.LINE;
    for (ChunkDiff chunk : diff.chunks()) {
      canvas.text(MARGIN, y + MARGIN, title(chunk));
      cells(canvas, y + MARGIN + Canvas.LINE, chunk);
      y += chunkHeight(chunk);
    }
    return canvas;
  }

  private int chunkHeight(ChunkDiff chunk) {
    long rows = (chunk.blocks() + columns - 1) / columns;
    return MARGIN + Canvas.LINE + Math.toIntExact(rows) * cell;
  }

  private void cells(Canvas canvas, int top, ChunkDiff chunk) {
    int side = cell < LEAST_CELL_WITH_GAP ? cell : cell - 1;
    for (int block = 0; block < chunk.blocks(); block++) {
      int x = MARGIN + block % columns * cell;
      int y = top + block / columns * cell;
      canvas.fill(x, y, side, side, ink(chunk, block));
    }
  }

  private Ink ink(ChunkDiff chunk, int block) {
    if (!chunk.isChanged(block)) {
      return Ink.SAME;
    }
    return (long) block * diff.blockSize() >= chunk.sizeBefore() ? Ink.ADDED : Ink.CHANGED;
  }

  private static String title(ChunkDiff chunk) {
    String name = Printable.of(chunk.name().orElseGet(() -> chunk.type().label()), 40);
    if (chunk.status() == ChunkDiff.Status.REMOVED) {
      return name + ": removed";
    }
    return name
        + ": "
        + Quantity.count(chunk.changedBlocks())
        + " of "
        + Quantity.count(chunk.blocks())
        + (chunk.blocks() == 1 ? " block, " : " blocks, ")
        + Quantity.bytes(chunk.changedBytes());
  }
}
