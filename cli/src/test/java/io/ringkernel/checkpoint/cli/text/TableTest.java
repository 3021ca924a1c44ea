package io.ringkernel.checkpoint.cli.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class TableTest {
  @Test
  void alignsColumnsByWhatATerminalShows() {
    Table table = new Table().left("NAME").right("SIZE").left("KIND");
    table.row("a", "1 B", "full");
    table.row("気圧", "16 MiB", "x");

    assertThat(table.lines())
        .containsExactly("NAME    SIZE  KIND", "a        1 B  full", "気圧  16 MiB  x");
  }

  @Test
  void leavesNoSpacesAtTheEndOfALine() {
    Table table = new Table().left("A").left("LONG HEADING").row("x", "");

    assertThat(table.lines()).containsExactly("A  LONG HEADING", "x");
  }

  @Test
  void refusesARowThatDoesNotFit() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Table().left("A").row("x", "y"))
        .withMessage("2 cells do not fill 1 columns");
  }
}
