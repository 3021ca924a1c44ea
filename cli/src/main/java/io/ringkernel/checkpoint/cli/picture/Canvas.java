package io.ringkernel.checkpoint.cli.picture;

import io.ringkernel.checkpoint.examples.Png;
import java.util.Arrays;

/** A picture in the making; what is drawn outside of it is cut off. */
final class Canvas {
  /** Pixels on each side of a letter's pixel. */
  private static final int SCALE = 2;

  /** Height of a line of text with the space below it. */
  static final int LINE = (Glyphs.HEIGHT + 2) * SCALE;

  private static final int GAP = 6;

  private final int width;
  private final int height;
  private final byte[] pixels;

  /** Paper of a size in pixels. */
  Canvas(int width, int height) {
    this.width = width;
    this.height = height;
    this.pixels = new byte[Math.multiplyExact(width, height)];
  }

  /** A rectangle, from its upper left corner. */
  void fill(int x, int y, int columns, int rows, Ink ink) {
    int from = Math.max(0, x);
    int to = Math.min(width, x + columns);
    for (int row = Math.max(0, y); row < Math.min(height, y + rows) && from < to; row++) {
      Arrays.fill(pixels, row * width + from, row * width + to, ink.index);
    }
  }

  /** A line of text, from its upper left corner. */
  void text(int x, int y, String text) {
    int at = x;
    for (int i = 0; i < text.length(); i++) {
      for (int row = 0; row < Glyphs.HEIGHT; row++) {
        for (int column = 0; column < Glyphs.WIDTH; column++) {
          if (Glyphs.isSet(text.charAt(i), column, row)) {
            fill(at + column * SCALE, y + row * SCALE, SCALE, SCALE, Ink.TEXT);
          }
        }
      }
      at += Glyphs.ADVANCE * SCALE;
    }
  }

  /** Pixels that a text takes from left to right. */
  static int width(String text) {
    return text.length() * Glyphs.ADVANCE * SCALE;
  }

  /** The first line: what the colours mean. */
  void legend(int x, int y, boolean withAdded) {
    int after = key(x, y, Ink.SAME, "unchanged");
    after = key(after, y, Ink.CHANGED, "changed");
    if (withAdded) {
      key(after, y, Ink.ADDED, "new");
    }
  }

  private int key(int x, int y, Ink ink, String meaning) {
    int side = 7 * SCALE;
    fill(x, y, side, side, ink);
    text(x + side + GAP, y, meaning);
    return x + side + GAP + width(meaning) + 4 * GAP;
  }

  byte[] png() {
    return Png.encode(width, pixels, Ink.palette());
  }
}
