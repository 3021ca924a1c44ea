package io.ringkernel.checkpoint.cli.files;

import java.nio.charset.Charset;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * Turns any text into one safe component of a path, reversibly.
 *
 * <p>Letters, digits, symbols and inner spaces stay in any script. What some file system, shell or
 * terminal treats in its own way is written as {@code %XX}, one for each byte of UTF-8: separators,
 * control and invisible characters, {@code % @ : * ? " < > |}, a dot, hyphen, tilde or space in
 * front, and what this system's file names can't hold. The empty text is {@code %}. A text too long
 * for a file name is cut and ends in {@code %~} and what tells it apart; only that can't be
 * reversed.
 */
public final class FileNames {
  /** Linux, macOS and Windows allow 255 in a name; some room is left for what is appended. */
  private static final int MOST_BYTES = 200;

  private static final String SPECIAL = "/\\%@:*?\"<>|";
  private static final String SPECIAL_IN_FRONT = ".-~ ";

  private final CharsetEncoder system;

  /** For the system's own file names. */
  public FileNames() {
    this(systemCharset());
  }

  FileNames(Charset system) {
    this.system = system.newEncoder();
  }

  /** What the JDK turns paths into; not a documented property, so any failure means ASCII. */
  private static Charset systemCharset() {
    String name = System.getProperty("sun.jnu.encoding", "US-ASCII");
    return Charset.isSupported(name) ? Charset.forName(name) : StandardCharsets.US_ASCII;
  }

  /**
   * The component for a text.
   *
   * @param text any without a lone surrogate
   * @param distinction what tells it from other texts when it must be cut: of the characters that
   *     stay as they are
   */
  public String component(String text, String distinction) {
    if (text.isEmpty()) {
      return "%";
    }
    StringBuilder component = new StringBuilder();
    int bytes = 0;
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      String part = stays(c, i == 0) ? Character.toString(c) : escaped(c);
      bytes += part.getBytes(StandardCharsets.UTF_8).length;
      if (bytes > MOST_BYTES) {
        return component.append("%~").append(distinction).toString();
      }
      component.append(part);
      i += Character.charCount(c);
    }
    return component.toString();
  }

  private boolean stays(int c, boolean front) {
    if (SPECIAL.indexOf(c) >= 0 || (front && SPECIAL_IN_FRONT.indexOf(c) >= 0)) {
      return false;
    }
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      case Character.SPACE_SEPARATOR -> c == ' ';
      default -> system.canEncode(Character.toString(c));
    };
  }

  private static String escaped(int c) {
    byte[] utf8 = Character.toString(c).getBytes(StandardCharsets.UTF_8);
    return HexFormat.of().withUpperCase().withPrefix("%").formatHex(utf8);
  }
}
