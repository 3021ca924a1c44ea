package io.ringkernel.checkpoint.error;

import java.io.Serial;

/** A name that no storage may be asked for; refused before any I/O. */
public final class InvalidNameException extends CheckpointException {
  @Serial private static final long serialVersionUID = 1L;

  /**
   * @param name the name, shown with everything unprintable escaped
   * @param reason the rule that it breaks
   */
  public InvalidNameException(String name, String reason) {
    super("invalid name '" + escaped(name) + "': " + reason, null);
  }

  private static boolean isUnprintable(int codePoint) {
    return switch (Character.getType(codePoint)) {
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

  /** A hostile name must not reach a terminal or a log as it is, nor fill it. */
  private static String escaped(String name) {
    StringBuilder text = new StringBuilder();
    name.codePoints()
        .limit(200)
        .forEach(
            c -> {
              if (isUnprintable(c)) {
                text.append(String.format("\\u%04x", c));
              } else {
                text.appendCodePoint(c);
              }
            });
    return name.codePointCount(0, name.length()) > 200 ? text + "..." : text.toString();
  }
}
