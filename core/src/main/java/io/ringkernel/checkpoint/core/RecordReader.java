package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.HlcTimestamp;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import io.ringkernel.checkpoint.error.LimitExceededException;
import io.ringkernel.checkpoint.error.UnsupportedVersionException;
import io.ringkernel.checkpoint.format.ObjectId;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.zip.CRC32;

/**
 * Reads a text record strictly: the checksum first, then every line. Each key that is asked for is
 * taken out; {@link #rest} are those that nobody knew, to be kept when the record is written again.
 */
final class RecordReader {
  /** "crc32 ", eight hex digits and the line's end. */
  private static final int CRC_LINE = 15;

  private record Line(int offset, String text, String value) {}

  private final RecordKind kind;
  private final Map<String, Line> lines = new LinkedHashMap<>();

  private RecordReader(RecordKind kind) {
    this.kind = kind;
  }

  /**
   * Parses a whole record.
   *
   * @throws CorruptCheckpointException with the offset in the record
   */
  static RecordReader parse(RecordKind kind, byte[] bytes) {
    RecordReader reader = new RecordReader(kind);
    if (bytes.length > kind.maxLength()) {
      throw new LimitExceededException(
          "the length of a record of kind " + kind.magic(), bytes.length, kind.maxLength());
    }
    reader.verify(kind.begins(bytes), 0, "it does not begin with '" + kind.magic() + "'");
    String text = reader.checked(bytes);
    int at = text.indexOf('\n') + 1;
    reader.version(text.substring(kind.magic().length() + 1, at - 1));
    while (at < text.length()) {
      int end = text.indexOf('\n', at);
      reader.add(at, text.substring(at, end));
      at = end + 1;
    }
    return reader;
  }

  /**
   * What can still be read in a damaged record: the lines that look like any, for who has another
   * way to tell whether a value is what was written. Never fails.
   */
  static RecordReader salvage(RecordKind kind, byte[] bytes) {
    RecordReader reader = new RecordReader(kind);
    for (String line : new String(bytes, StandardCharsets.ISO_8859_1).split("\n", -1)) {
      int space = line.indexOf(' ');
      if (space > 0) {
        String key = line.substring(0, space);
        reader.lines.putIfAbsent(key, new Line(0, line, line.substring(space + 1)));
      }
    }
    return reader;
  }

  /** The text before the checksum's line, which must be right; ends with a line's end. */
  private String checked(byte[] bytes) {
    int length = bytes.length - CRC_LINE;
    verify(length > kind.magic().length(), bytes.length, "it is cut off");
    CRC32 crc = new CRC32();
    crc.update(bytes, 0, length);
    String expected = "crc32 " + HexFormat.of().toHexDigits((int) crc.getValue()) + "\n";
    String found = new String(bytes, length, CRC_LINE, StandardCharsets.ISO_8859_1);
    verify(found.equals(expected), length, "its checksum is not '" + expected.strip() + "'");
    verify(bytes[length - 1] == '\n', length - 1, "a line has no end");
    for (int i = 0; i < length; i++) {
      verify(
          (bytes[i] >= ' ' && bytes[i] < 0x7f) || bytes[i] == '\n', i, "a byte is not printable");
    }
    return new String(bytes, 0, length, StandardCharsets.US_ASCII);
  }

  private void version(String found) {
    verify(found.matches("[1-9][0-9]{0,8}"), kind.magic().length() + 1, "its version is no number");
    if (Integer.parseInt(found) != RecordKind.VERSION) {
      throw new UnsupportedVersionException(Integer.parseInt(found), List.of(RecordKind.VERSION));
    }
  }

  private void add(int offset, String line) {
    int space = line.indexOf(' ');
    verify(space > 0, offset, "a line is not a key and a value");
    String key = line.substring(0, space);
    verify(key.matches("[a-z0-9-]+"), offset, "a key has other characters than a-z, 0-9 and -");
    Line earlier = lines.put(key, new Line(offset, line, line.substring(space + 1)));
    verify(earlier == null, offset, "the key '" + key + "' is there twice");
  }

  /** Whether there is a key that was not taken yet. */
  boolean has(String key) {
    return lines.containsKey(key);
  }

  /** One text. */
  String text(String key) {
    return values(key, 1).get(0);
  }

  /** One text, turned into what it stands for; what that refuses is corrupt. */
  <T> T value(String key, Function<String, T> parse) {
    int offset = lines.containsKey(key) ? lines.get(key).offset() : 0;
    String text = text(key);
    try {
      return parse.apply(text);
    } catch (IllegalArgumentException e) {
      throw new CorruptCheckpointException(offset, described("'" + key + "' is malformed"), e);
    }
  }

  /** One text turned into what it stands for, if the key is there. */
  <T> Optional<T> optional(String key, Function<String, T> parse) {
    return has(key) ? Optional.of(value(key, parse)) : Optional.empty();
  }

  /** One unsigned number. */
  long number(String key) {
    return numbers(key, 1)[0];
  }

  /** One number that fits where they are signed: a size, or a time. */
  long signed(String key) {
    int offset = lines.containsKey(key) ? lines.get(key).offset() : 0;
    long number = number(key);
    verify(number >= 0, offset, "'" + key + "' is above 63 bits");
    return number;
  }

  /** One unsigned number that is only there when it is not 0. */
  long count(String key) {
    return has(key) ? number(key) : 0;
  }

  /** Whether a line says yes, which is only there when it does. */
  boolean flag(String key) {
    return has(key) && text(key).equals(RecordKind.YES);
  }

  /** One logical time. */
  HlcTimestamp time(String key) {
    long[] parts = numbers(key, 3);
    return new HlcTimestamp(parts[0], parts[1], parts[2]);
  }

  /** So many unsigned numbers. */
  long[] numbers(String key, int count) {
    int offset = lines.containsKey(key) ? lines.get(key).offset() : 0;
    return values(key, count).stream().mapToLong(text -> number(key, offset, text)).toArray();
  }

  /** Any number of texts; none when the key is not there. */
  List<String> texts(String key) {
    return has(key) ? values(key, -1) : List.of();
  }

  /** Any number of object ids; none when the key is not there. */
  List<ObjectId> ids(String key) {
    int offset = lines.containsKey(key) ? lines.get(key).offset() : 0;
    try {
      return texts(key).stream().map(ObjectId::new).toList();
    } catch (IllegalArgumentException e) {
      throw new CorruptCheckpointException(
          offset, described("'" + key + "' has something that is no object id"), e);
    }
  }

  /** One number of milliseconds. */
  Duration millis(String key) {
    return Duration.ofMillis(signed(key));
  }

  /** One point in time. */
  Instant instant(String key) {
    return Instants.ofMicros(signed(key));
  }

  /** The lines that were not asked for. */
  List<String> rest() {
    return lines.values().stream().map(Line::text).toList();
  }

  private List<String> values(String key, int count) {
    Line line = lines.remove(key);
    if (line == null) {
      throw new CorruptCheckpointException(0, described("'" + key + "' is missing"));
    }
    List<String> values = new ArrayList<>();
    for (String token : Arrays.asList(line.value().split(" ", -1))) {
      values.add(unescape(line.offset(), token));
    }
    verify(
        count < 0 || values.size() == count,
        line.offset(),
        "'" + key + "' has " + values.size() + " values instead of " + count);
    return values;
  }

  private long number(String key, int offset, String text) {
    verify(text.matches("0|[1-9][0-9]{0,19}"), offset, "'" + key + "' is no number");
    try {
      return Long.parseUnsignedLong(text);
    } catch (NumberFormatException e) {
      throw new CorruptCheckpointException(offset, described("'" + key + "' is above 64 bits"), e);
    }
  }

  private String unescape(int offset, String token) {
    if (token.indexOf('%') < 0) {
      return token;
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(token.length());
    for (int i = 0; i < token.length(); i++) {
      char c = token.charAt(i);
      if (c != '%') {
        bytes.write(c);
        continue;
      }
      verify(
          i + 2 < token.length()
              && HexFormat.isHexDigit(token.charAt(i + 1))
              && HexFormat.isHexDigit(token.charAt(i + 2)),
          offset,
          "a % is not followed by two hex digits");
      bytes.write(HexFormat.fromHexDigits(token, i + 1, i + 3));
      i += 2;
    }
    try {
      ByteBuffer utf8 = ByteBuffer.wrap(bytes.toByteArray());
      return StandardCharsets.UTF_8.newDecoder().decode(utf8).toString();
    } catch (CharacterCodingException e) {
      throw new CorruptCheckpointException(offset, described("a text is not UTF-8"), e);
    }
  }

  private void verify(boolean condition, int offset, String reason) {
    if (!condition) {
      throw new CorruptCheckpointException(offset, described(reason));
    }
  }

  private String described(String reason) {
    return "in the record " + kind.magic() + ": " + reason;
  }
}
