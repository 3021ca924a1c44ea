package io.ringkernel.checkpoint.storage.file;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How one component of a name is written in a file system, and read back.
 *
 * <p>File names are kept here as <i>byte strings</i>: one char from 0 to 255 for each byte. So any
 * file name there is can be told from any other, whatever the locale, and their order is that of
 * the bytes.
 *
 * <p>The canonical form is the component's UTF-8, and {@code .rkcp} behind an object's. Escaped as
 * {@code %XX} is only what some file system can't hold or takes for something else: {@code
 * <>:"|?*\} and the percent sign, a dot or space that ends a directory's name, the first letter of
 * a Windows device name, and the dot of a directory's name that ends in {@code .rkcp}: a directory
 * must not take the place of an object.
 *
 * <p>A file whose name is not what we would have written (put there by somebody else) is called by
 * its own name, with bytes that no name can have as {@code %XX}.
 */
enum FileName {
  /** The last component: an object. */
  OBJECT,
  /** Any other component. */
  DIRECTORY;

  /** What an object's file name ends with. */
  static final String SUFFIX = ".rkcp";

  /** What common file systems allow for one file name, in bytes. */
  static final int MAX_BYTES = 255;

  private static final String UNSAFE = "%<>:\"|?*\\";
  private static final Pattern DEVICE =
      Pattern.compile(
          "(con|prn|aux|nul|conin\\$|conout\\$|(com|lpt)([0-9]|\u00c2[\u00b9\u00b2\u00b3])) *(\\..*)?",
          Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

  /** The canonical file name of a component, with suffix. */
  String of(String component) {
    String bytes = bytesOf(component);
    StringBuilder text = new StringBuilder(bytes.length() + SUFFIX.length());
    for (int i = 0; i < bytes.length(); i++) {
      if (mustEscape(bytes, i)) {
        escape(bytes.charAt(i), text);
      } else {
        text.append(bytes.charAt(i));
      }
    }
    return this == OBJECT ? text.append(SUFFIX).toString() : text.toString();
  }

  private boolean mustEscape(String bytes, int at) {
    char c = bytes.charAt(at);
    if (UNSAFE.indexOf(c) >= 0) {
      return true;
    }
    if (at == 0 && DEVICE.matcher(bytes).matches()) {
      return true;
    }
    if (this == OBJECT) {
      return false;
    }
    int last = bytes.length() - 1;
    return (at == last && (c == '.' || c == ' '))
        || (at == last + 1 - SUFFIX.length() && isObject(bytes));
  }

  /** Whether a file of this name is an object, if it is a file. */
  static boolean isObject(String fileName) {
    int from = fileName.length() - SUFFIX.length();
    return from >= 0 && fileName.substring(from).toLowerCase(Locale.ROOT).equals(SUFFIX);
  }

  /**
   * What a file is called in a name.
   *
   * @param fileName a byte string, with suffix
   * @return the component, or null when no name can have it
   */
  @Nullable String componentOf(String fileName) {
    if (this == OBJECT && !fileName.endsWith(SUFFIX)) {
      return null;
    }
    String canonical = canonicalComponent(fileName);
    return canonical != null ? canonical : ownName(stem(fileName));
  }

  /** Whether a file name is the one we would have written. */
  boolean isCanonical(String fileName) {
    return canonicalComponent(fileName) != null;
  }

  /**
   * The file names that are called by a component, the canonical one first; the others are those
   * that only somebody else can have put there.
   */
  List<String> candidates(String component) {
    String canonical = of(component);
    List<String> names = new ArrayList<>(List.of(canonical));
    String suffix = this == OBJECT ? SUFFIX : "";
    for (String stem : List.of(bytesOf(component), rawBytes(bytesOf(component)))) {
      String other = stem + suffix;
      if (!names.contains(other) && component.equals(componentOf(other))) {
        names.add(other);
      }
    }
    return names;
  }

  private String stem(String fileName) {
    return this == OBJECT ? fileName.substring(0, fileName.length() - SUFFIX.length()) : fileName;
  }

  private @Nullable String canonicalComponent(String fileName) {
    String component = utf8(unescape(stem(fileName), 0));
    return component != null && isLegal(component) && of(component).equals(fileName)
        ? component
        : null;
  }

  /** A file name as it is, with bytes that no name can have escaped; null when that is no name. */
  private static @Nullable String ownName(String stem) {
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    ByteBuffer bytes = ByteBuffer.wrap(stem.getBytes(StandardCharsets.ISO_8859_1));
    CharBuffer chars = CharBuffer.allocate(stem.length() + 1);
    StringBuilder text = new StringBuilder(stem.length());
    while (bytes.hasRemaining()) {
      CoderResult result = decoder.decode(bytes, chars, true);
      appendEscapingControls(chars.flip(), text);
      chars.clear();
      for (int i = 0; result.isError() && i < result.length(); i++) {
        escape((char) (bytes.get() & 0xff), text);
      }
    }
    return isLegal(text.toString()) ? text.toString() : null;
  }

  private static void appendEscapingControls(CharBuffer chars, StringBuilder text) {
    while (chars.hasRemaining()) {
      char c = chars.get();
      if (Character.isISOControl(c)) {
        bytesOf(String.valueOf(c)).chars().forEach(b -> escape((char) b, text));
      } else {
        text.append(c);
      }
    }
  }

  /** The reverse of what {@link #ownName} escapes: bytes that no name can have. */
  private static String rawBytes(String bytes) {
    return unescape(bytes, 0x80);
  }

  /**
   * Decodes escapes of bytes from {@code least} on, and of control characters; {@code least} 0 is
   * all. Anything else stays.
   */
  private static String unescape(String bytes, int least) {
    if (bytes.indexOf('%') < 0) {
      return bytes;
    }
    StringBuilder text = new StringBuilder(bytes.length());
    for (int i = 0; i < bytes.length(); i++) {
      int value = bytes.charAt(i) == '%' ? hexAt(bytes, i + 1) : -1;
      if (value >= least || (value >= 0 && (value < 0x20 || value == 0x7f))) {
        text.append((char) value);
        i += 2;
      } else {
        text.append(bytes.charAt(i));
      }
    }
    return text.toString();
  }

  private static int hexAt(String text, int at) {
    String digits = "0123456789ABCDEF";
    if (at + 2 > text.length()) {
      return -1;
    }
    int high = digits.indexOf(text.charAt(at));
    int low = digits.indexOf(text.charAt(at + 1));
    return high < 0 || low < 0 ? -1 : high << 4 | low;
  }

  private static void escape(char value, StringBuilder text) {
    text.append(String.format("%%%02X", (int) value));
  }

  /** Whether a component may be part of a name; slashes can't come from a file name. */
  private static boolean isLegal(String component) {
    return !component.isEmpty()
        && !component.equals(".")
        && !component.equals("..")
        && component.indexOf('/') < 0
        && component.codePoints().noneMatch(Character::isISOControl);
  }

  /** UTF-8 as a byte string. */
  static String bytesOf(String text) {
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }

  /** The text that a byte string of ours is the UTF-8 of. */
  static String textOf(String bytes) {
    return new String(bytes.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
  }

  /** The text that a byte string is the UTF-8 of; null when it is malformed. */
  private static @Nullable String utf8(String bytes) {
    String text = textOf(bytes);
    return bytesOf(text).equals(bytes) ? text : null;
  }
}
