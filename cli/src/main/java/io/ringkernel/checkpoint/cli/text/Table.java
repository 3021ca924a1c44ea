package io.ringkernel.checkpoint.cli.text;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Rows under headings, in columns as wide as their widest cell. Cells must be {@link Printable}.
 */
public final class Table {
  private static final String GAP = "  ";

  private final List<Column> columns = new ArrayList<>();
  private final List<List<String>> rows = new ArrayList<>();

  private record Column(String heading, boolean right) {}

  /**
   * A column of text.
   *
   * @param heading shown above it
   */
  public Table left(String heading) {
    columns.add(new Column(heading, false));
    return this;
  }

  /**
   * A column of numbers.
   *
   * @param heading shown above it
   */
  public Table right(String heading) {
    columns.add(new Column(heading, true));
    return this;
  }

  /**
   * One more row.
   *
   * @param cells one for each column
   */
  public Table row(String... cells) {
    if (cells.length != columns.size()) {
      throw new IllegalArgumentException(
          cells.length + " cells do not fill " + columns.size() + " columns");
    }
    rows.add(List.of(cells));
    return this;
  }

  /** The lines, the headings first; without spaces at their ends. */
  public List<String> lines() {
    int[] widths = IntStream.range(0, columns.size()).map(this::width).toArray();
    List<String> lines = new ArrayList<>(rows.size() + 1);
    lines.add(line(columns.stream().map(Column::heading).toList(), widths));
    rows.forEach(row -> lines.add(line(row, widths)));
    return lines;
  }

  private String line(List<String> cells, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < cells.size(); i++) {
      String cell = cells.get(i);
      String padding = " ".repeat(widths[i] - Printable.width(cell));
      line.append(i == 0 ? "" : GAP);
      line.append(columns.get(i).right ? padding + cell : cell + padding);
    }
    return line.toString().stripTrailing();
  }

  private int width(int column) {
    int widest = Printable.width(columns.get(column).heading);
    for (List<String> row : rows) {
      widest = Math.max(widest, Printable.width(row.get(column)));
    }
    return widest;
  }
}
