package io.ringkernel.checkpoint.error;

import io.ringkernel.checkpoint.internal.Unprintable;
import java.io.Serial;

/**
 * A name that no storage may be asked for, refused before any I/O; or one that this storage can't
 * take, or can't take beside what is there.
 */
public final class InvalidNameException extends CheckpointException {
  @Serial private static final long serialVersionUID = 1L;

  /**
   * @param name the name, shown with everything unprintable escaped
   * @param reason the rule that it breaks
   */
  public InvalidNameException(String name, String reason) {
    super("invalid name '" + escaped(name) + "': " + reason, null);
  }

  /** A hostile name must not reach a terminal or a log as it is, nor fill it. */
  private static String escaped(String name) {
    StringBuilder text = new StringBuilder();
    name.codePoints()
        .limit(200)
        .forEach(
            c -> {
              if (Unprintable.is(c)) {
                text.append(String.format("\\u%04x", c));
              } else {
                text.appendCodePoint(c);
              }
            });
    return name.codePointCount(0, name.length()) > 200 ? text + "..." : text.toString();
  }
}
