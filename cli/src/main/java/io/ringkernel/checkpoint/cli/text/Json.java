package io.ringkernel.checkpoint.cli.text;

import io.ringkernel.checkpoint.internal.Unprintable;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A JSON object in the making; keys keep their order.
 *
 * <p>A key has one type for ever. Sizes, counts and 32-bit values are numbers; what uses all 64
 * bits (steps, clocks, created_at) is a string of decimal digits, since readers that hold numbers
 * as doubles would round it; ids and hashes are strings of hex digits. What a terminal might act on
 * is escaped here, too.
 */
public final class Json {
  private final Map<String, @Nullable Object> members = new LinkedHashMap<>();

  /**
   * One more member.
   *
   * @param key not used yet
   * @param value a {@code String}, {@code Boolean}, {@code Integer}, {@code Long}, finite {@code
   *     Double}, {@code Json}, {@code Map} with string keys, {@code Iterable}, or null
   */
  public Json put(String key, @Nullable Object value) {
    if (members.containsKey(key)) {
      throw new IllegalArgumentException("two members named " + key);
    }
    members.put(key, value);
    return this;
  }

  /**
   * A member that uses all 64 bits, as a string of decimal digits.
   *
   * @param key not used yet
   * @param value unsigned
   */
  public Json unsigned(String key, long value) {
    return put(key, Long.toUnsignedString(value));
  }

  /** The object's text, on one line. */
  @Override
  public String toString() {
    return text(members);
  }

  /**
   * The text of a value.
   *
   * @param value as {@link #put} takes it
   */
  public static String text(@Nullable Object value) {
    StringBuilder text = new StringBuilder();
    append(text, value);
    return text.toString();
  }

  private static void append(StringBuilder text, @Nullable Object value) {
    if (value instanceof String string) {
      appendString(text, string);
    } else if (value instanceof Json json) {
      appendObject(text, json.members);
    } else if (value instanceof Map<?, ?> map) {
      appendObject(text, map);
    } else if (value instanceof Iterable<?> values) {
      appendArray(text, values);
    } else if (value == null
        || value instanceof Boolean
        || value instanceof Integer
        || value instanceof Long
        || (value instanceof Double number && Double.isFinite(number))) {
      text.append(value);
    } else {
      throw new IllegalArgumentException("JSON has no form for " + value.getClass());
    }
  }

  private static void appendObject(StringBuilder text, Map<?, ?> members) {
    String separator = "";
    text.append('{');
    for (Map.Entry<?, ?> member : members.entrySet()) {
      text.append(separator);
      appendString(text, String.valueOf(member.getKey()));
      text.append(':');
      append(text, member.getValue());
      separator = ",";
    }
    text.append('}');
  }

  private static void appendArray(StringBuilder text, Iterable<?> values) {
    String separator = "";
    text.append('[');
    for (Object value : values) {
      text.append(separator);
      append(text, value);
      separator = ",";
    }
    text.append(']');
  }

  private static void appendString(StringBuilder text, String string) {
    text.append('"');
    string
        .codePoints()
        .forEach(
            c -> {
              if (c == '"' || c == '\\') {
                text.append('\\').append((char) c);
              } else if (Unprintable.is(c)) {
                for (char unit : Character.toChars(c)) {
                  text.append(String.format("\\u%04x", (int) unit));
                }
              } else {
                text.appendCodePoint(c);
              }
            });
    text.append('"');
  }
}
