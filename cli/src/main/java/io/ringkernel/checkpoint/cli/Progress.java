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
    if (output.isTerminal()) {
      int filled = (int) (WIDTH * step / Math.max(1, steps));
      String bar = "#".repeat(filled) + ".".repeat(WIDTH - filled);
      String count = Quantity.count(step) + " of " + Quantity.count(steps);
      output.text(CLEAR + "   [" + bar + "] step " + count);
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
