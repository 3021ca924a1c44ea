package io.ringkernel.checkpoint.cli.picture;

/**
 * The colours of a picture. Those of blocks are told apart by the colour-blind, too, and in print.
 *
 * <p>Source: Okabe and Ito, "Color Universal Design" (2008), for vermilion and blue.
 */
enum Ink {
  PAPER(0, 0xffffff),
  TEXT(1, 0x202020),
  /** A block as it was. */
  SAME(2, 0xd8d8d8),
  /** A block with other bytes. */
  CHANGED(3, 0xd55e00),
  /** A block that was not there. */
  ADDED(4, 0x0072b2);

  /** In the palette. */
  final byte index;

  private final int rgb;

  Ink(int index, int rgb) {
    this.index = (byte) index;
    this.rgb = rgb;
  }

  /** Red, green and blue of all of them, by index. */
  static byte[] palette() {
    Ink[] inks = values();
    byte[] palette = new byte[3 * inks.length];
    for (Ink ink : inks) {
      for (int channel = 0; channel < 3; channel++) {
        palette[3 * ink.index + channel] = (byte) (ink.rgb >> (16 - 8 * channel));
      }
    }
    return palette;
  }
}
