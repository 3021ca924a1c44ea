package io.ringkernel.checkpoint.internal;

/** Characters that a terminal does not show as they are: they ring, hide, turn or end text. */
public final class Unprintable {
  private Unprintable() {}

  /** Whether a character is one of them; a code point. */
  public static boolean is(int c) {
    return switch (Character.getType(c)) {
      // The format characters turn the direction of text, or have no width.
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          true;
      default -> false;
    };
  }
}
