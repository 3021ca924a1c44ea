package io.ringkernel.checkpoint.cli.picture;

import io.ringkernel.checkpoint.cli.text.Printable;
import io.ringkernel.checkpoint.cli.text.Quantity;
import io.ringkernel.checkpoint.core.ChunkDiff;
import java.util.List;

/**
 * Which blocks changed from checkpoint to checkpoint: a row for each checkpoint, from the left to
 * the right the blocks of its state.
 */
public final class BlockTimeline {
  private static final int MARGIN = 16;
  private static final int GAP = 8;
  private static final int ROW = 18;
  private static final int MOST_PIXELS = 2048;
  private static final int WANTED_PIXELS = 1024;
  private static final int LARGEST_CELL = 16;

  /**
   * One checkpoint.
   *
   * @param label shown before its blocks
   * @param note shown behind them
   * @param first whether there is none before it, so that all is new
   * @param chunks what differs from the one before; of the first, only the numbers of blocks count
   */
  public record Row(String label, String note, boolean first, List<ChunkDiff> chunks) {
    /** Copies {@code chunks}. */
    public Row {
      chunks = List.copyOf(chunks);
    }
  }

  private final List<Row> rows;
  private final int blocksPerCell;
  private final int cell;
  private final int left;
  private final int blocksWidth;

  private BlockTimeline(List<Row> rows) {
    this.rows = rows;
    long most = 1;
    int labels = 0;
    for (Row row : rows) {
      most = Math.max(most, row.chunks.stream().mapToLong(ChunkDiff::blocks).sum());
      labels = Math.max(labels, Canvas.width(row.label));
    }
    blocksPerCell = Math.toIntExact((most + MOST_PIXELS - 1) / MOST_PIXELS);
    cell = (int) Math.max(1, Math.min(LARGEST_CELL, WANTED_PIXELS / most));
    left = MARGIN + labels + GAP;
    blocksWidth = rows.stream().mapToInt(this::span).max().orElse(0);
  }

  /** Each chunk begins a cell of its own, a little to the right. */
  private int span(Row row) {
    return row.chunks.stream().mapToInt(chunk -> cells(chunk) * cell + GAP).sum();
  }

  /**
   * Draws it.
   *
   * @param title shown above it
   * @param rows from the top
   * @return a PNG file
   */
  public static byte[] png(String title, List<Row> rows) {
    return new BlockTimeline(rows).draw(Printable.of(title)).png();
  }

  private Canvas draw(String title) {
    String scale =
        blocksPerCell == 1
            ? "one cell: a block"
            : "one cell: " + Quantity.count(blocksPerCell) + " blocks, changed if one is";
    int notes = rows.stream().mapToInt(row -> Canvas.width(row.note)).max().orElse(0);
    int width = Math.max(left + blocksWidth + notes, MARGIN + Canvas.width(title));
    width = Math.max(width, MARGIN + Canvas.width(scale)) + MARGIN;
    int top = MARGIN + 4 * Canvas.LINE + GAP;
    Canvas canvas = new Canvas(width, top + rows.size() * ROW + MARGIN);
    canvas.text(MARGIN, MARGIN, title);
    canvas.text(MARGIN, MARGIN + Canvas.LINE, scale);
    canvas.legend(MARGIN, MARGIN + 2 * Canvas.LINE, true);
    if (!rows.isEmpty()) {
      names(canvas, top - Canvas.LINE, rows.get(rows.size() - 1));
    }
    for (int i = 0; i < rows.size(); i++) {
      draw(canvas, top + i * ROW, rows.get(i));
    }
    return canvas;
  }

  /** Above the chunks that are wide enough for it. */
  private void names(Canvas canvas, int y, Row row) {
    int x = left;
    for (ChunkDiff chunk : row.chunks) {
      int span = cells(chunk) * cell;
      String name = Printable.of(chunk.name().orElseGet(() -> chunk.type().label()));
      if (Canvas.width(name) <= span) {
        canvas.text(x, y, name);
      }
      x += span + GAP;
    }
  }

  private void draw(Canvas canvas, int y, Row row) {
    canvas.text(MARGIN, y, row.label);
    int x = left;
    for (ChunkDiff chunk : row.chunks) {
      for (int i = 0; i < cells(chunk); i++) {
        canvas.fill(x, y, cell >= 3 ? cell - 1 : cell, ROW - 4, ink(row, chunk, i));
        x += cell;
      }
      x += GAP;
    }
    canvas.text(left + blocksWidth, y, row.note);
  }

  private int cells(ChunkDiff chunk) {
    return Math.toIntExact((chunk.blocks() + blocksPerCell - 1) / blocksPerCell);
  }

  private Ink ink(Row row, ChunkDiff chunk, int index) {
    if (row.first || chunk.status() == ChunkDiff.Status.ADDED) {
      return Ink.ADDED;
    }
    long from = (long) index * blocksPerCell;
    long to = Math.min(chunk.blocks(), from + blocksPerCell);
    for (long block = from; block < to; block++) {
      if (chunk.isChanged(block)) {
        return Ink.CHANGED;
      }
    }
    return Ink.SAME;
  }
}
