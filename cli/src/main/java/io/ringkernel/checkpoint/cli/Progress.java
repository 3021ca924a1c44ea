package io.ringkernel.checkpoint.cli;

import io.ringkernel.checkpoint.cli.text.Quantity;

/** Lines, and below them on a terminal a bar that moves. */
final class Progress {
  private static final int WIDTH = 40;
  private static final String CLEAR = "\r\u001b[K";

  private final Output output;
  private boolean drawn;

  Progress(Output output) {
    this.output = output;
  }

  /** A line that stays; harmless. */
  void line(String text) {
    clear();
    output.line(text);
    output.flush();
  }

  /** Moves the bar; only on a terminal. */
  void at(long step, long steps) {
    at(step, steps, "step " + Quantity.count(step) + " of " + Quantity.count(steps));
  }

  /**
   * The same with another text beside the bar.
   *
   * @param done of the whole
   * @param whole 0 when nobody knows: then there is the text alone
   * @param text harmless
   */
  void at(long done, long whole, String text) {
    if (output.isTerminal()) {
      int filled = (int) (WIDTH * Math.min(1.0, (double) done / Math.max(1, whole)));
      String bar = "[" + "#".repeat(filled) + ".".repeat(WIDTH - filled) + "] ";
      output.text(CLEAR + "   " + (whole == 0 ? "" : bar) + text);
      output.flush();
      drawn = true;
    }
  }

  /** Takes the bar away. */
  void clear() {
    if (drawn) {
      output.text(CLEAR);
      output.flush();
      drawn = false;
    }
  }
}
