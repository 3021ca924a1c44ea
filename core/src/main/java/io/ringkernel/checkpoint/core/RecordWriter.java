package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.HlcTimestamp;
import io.ringkernel.checkpoint.error.LimitExceededException;
import io.ringkernel.checkpoint.format.ObjectId;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.CRC32;

/** Writes a text record: a magic line, {@code key value...} lines, and the checksum's line. */
final class RecordWriter {
  private final RecordKind kind;
  private final StringBuilder text = new StringBuilder();

  RecordWriter(RecordKind kind) {
    this.kind = kind;
    text.append(kind.magic()).append(' ').append(RecordKind.VERSION).append('\n');
  }

  /** A line of a key and any texts. */
  RecordWriter line(String key, String... values) {
    text.append(key);
    for (String value : values) {
      text.append(' ');
      escape(value);
    }
    text.append('\n');
    return this;
  }

  /** A line of a key and unsigned numbers. */
  RecordWriter numbers(String key, long... values) {
    text.append(key);
    for (long value : values) {
      text.append(' ').append(Long.toUnsignedString(value));
    }
    text.append('\n');
    return this;
  }

  /** A line of a key and a logical time. */
  RecordWriter time(String key, HlcTimestamp time) {
    return numbers(key, time.physical(), time.logical(), time.nodeId());
  }

  /** A line that says yes; none for no. */
  RecordWriter flag(String key, boolean value) {
    return value ? line(key, RecordKind.YES) : this;
  }

  /** A line of how many there are; none when there are none. */
  RecordWriter count(String key, long value) {
    return value == 0 ? this : numbers(key, value);
  }

  /** A line of ids; none when there are none. */
  RecordWriter ids(String key, Collection<ObjectId> values) {
    return values.isEmpty()
        ? this
        : line(key, values.stream().map(ObjectId::hex).toArray(String[]::new));
  }

  /** Lines that an earlier reader did not know, as it found them. */
  RecordWriter raw(List<String> lines) {
    lines.forEach(line -> text.append(line).append('\n'));
    return this;
  }

  /** The record with its checksum. */
  byte[] bytes() {
    CRC32 crc = new CRC32();
    crc.update(text.toString().getBytes(StandardCharsets.US_ASCII));
    String end = "crc32 " + HexFormat.of().toHexDigits((int) crc.getValue()) + "\n";
    byte[] bytes = (text + end).getBytes(StandardCharsets.US_ASCII);
    if (bytes.length > kind.maxLength()) {
      throw new LimitExceededException(
          "the length of a record of kind " + kind.magic(),
          bytes.length,
          kind.maxLength(),
          "shorten the kernel's id and type, or write fewer tags");
    }
    return bytes;
  }

  /** Printable ASCII but for the percent sign stays, so that a record can be read by eye. */
  private void escape(String value) {
    for (byte b : value.getBytes(StandardCharsets.UTF_8)) {
      if (b > ' ' && b < 0x7f && b != '%') {
        text.append((char) b);
      } else {
        text.append('%').append(HexFormat.of().toHexDigits(b));
      }
    }
  }
}
