package io.ringkernel.checkpoint.cli.text;

import io.ringkernel.checkpoint.internal.Unprintable;

/**
 * Text from files and other strangers, made harmless for a terminal.
 *
 * <p>What would ring, move the cursor, hide or reverse other text, or end the line, is shown as an
 * escape: {@code \n}, {@code \t}, or {@code \}{@code u{1b}}. Everything else stays as it is, so
 * that names in any script can be read.
 */
public final class Printable {
  private static final String MORE = "...";

  private Printable() {}

  /**
   * The text, harmless.
   *
   * @param text any
   */
  public static String of(String text) {
    if (text.codePoints().noneMatch(Unprintable::is)) {
      return text;
    }
    StringBuilder shown = new StringBuilder(text.length() + 16);
    text.codePoints().forEach(c -> append(shown, c));
    return shown.toString();
  }

  /**
   * The beginning of the text, harmless.
   *
   * @param text any
   * @param most columns at most, at least 4
   */
  public static String of(String text, int most) {
    // Cut before escaping, so that a text of a gigabyte costs no more than what is shown of it.
    int end = Math.min(text.length(), most + 1);
    boolean cut = end < text.length();
    String shown = of(text.substring(0, end));
    if (!cut && width(shown) <= most) {
      return shown;
    }
    int[] room = {most - MORE.length()};
    StringBuilder beginning = new StringBuilder();
    shown
        .codePoints()
        .takeWhile(c -> (room[0] -= width(c)) >= 0)
        .forEach(beginning::appendCodePoint);
    return beginning.append(MORE).toString();
  }

  /**
   * How many columns a terminal gives to a harmless text.
   *
   * @param text as {@link #of} gave it
   */
  public static int width(String text) {
    return text.codePoints().map(Printable::width).sum();
  }

  private static int width(int c) {
    int type = Character.getType(c);
    if (type == Character.NON_SPACING_MARK || type == Character.ENCLOSING_MARK) {
      return 0;
    }
    return isWide(c) ? 2 : 1;
  }

  /** East Asian wide and full-width characters, and emoji: the ranges of Unicode's UAX 11. */
  private static boolean isWide(int c) {
    return (c >= 0x1100 && c <= 0x115F)
        || (c >= 0x2E80 && c <= 0xA4CF && c != 0x303F)
        || (c >= 0xAC00 && c <= 0xD7A3)
        || (c >= 0xF900 && c <= 0xFAFF)
        || (c >= 0xFE30 && c <= 0xFE6F)
        || (c >= 0xFF00 && c <= 0xFF60)
        || (c >= 0xFFE0 && c <= 0xFFE6)
        || (c >= 0x1F300 && c <= 0x1F64F)
        || (c >= 0x1F680 && c <= 0x1F6FF)
        || (c >= 0x1F900 && c <= 0x1F9FF)
        || (c >= 0x20000 && c <= 0x3FFFD);
  }

  private static void append(StringBuilder shown, int c) {
    switch (c) {
      case '\n' -> shown.append("\\n");
      case '\r' -> shown.append("\\r");
      case '\t' -> shown.append("\\t");
      default -> {
        if (Unprintable.is(c)) {
          shown.append("\\u{").append(Integer.toHexString(c)).append('}');
        } else {
          shown.appendCodePoint(c);
        }
      }
    }
  }
}
