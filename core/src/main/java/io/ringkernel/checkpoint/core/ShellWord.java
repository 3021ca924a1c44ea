package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.internal.Unprintable;
import java.nio.charset.StandardCharsets;

/**
 * Text as one word of a shell: what it stands for, whatever characters are in it. Those that a
 * terminal does not show need one that knows {@code $'...'}, as bash, zsh and POSIX of 2024 do.
 */
final class ShellWord {
  private ShellWord() {}

  /** In quotes, so that it can be pasted into a terminal. */
  static String of(String text) {
    return text.codePoints().anyMatch(Unprintable::is)
        ? "$'" + escaped(text) + "'"
        : "'" + text.replace("'", "'\\''") + "'";
  }

  /**
   * The same as the first operand of {@code rkcp}, where it must not look like an option, nor like
   * the name of a file of arguments.
   */
  static String operand(String text) {
    return (text.startsWith("-") ? "-- " : "") + of(text.startsWith("@") ? "@" + text : text);
  }

  private static String escaped(String text) {
    StringBuilder escaped = new StringBuilder();
    text.codePoints()
        .forEach(
            c -> {
              if (c == '\'' || c == '\\') {
                escaped.append('\\').append((char) c);
              } else if (Unprintable.is(c)) {
                for (byte one : Character.toString(c).getBytes(StandardCharsets.UTF_8)) {
                  escaped.append(String.format("\\%03o", one & 0xFF));
                }
              } else {
                escaped.appendCodePoint(c);
              }
            });
    return escaped.toString();
  }
}
