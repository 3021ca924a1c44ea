package io.ringkernel.checkpoint.cli.text;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Numbers as people read them: three figures and a unit. */
public final class Quantity {
  private static final String[] BINARY = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);

  private Quantity() {}

  /**
   * A number of bytes: {@code "17 B"}, {@code "1.50 KiB"}, {@code "16.0 MiB"}.
   *
   * @param bytes unsigned
   */
  public static String bytes(long bytes) {
    if (bytes >= 0 && bytes < 1024) {
      return bytes + " B";
    }
    double value = unsigned(bytes) / 1024;
    int unit = 0;
    while (value >= 1023.5 && unit < BINARY.length - 1) {
      value /= 1024;
      unit++;
    }
    return figures(value) + " " + BINARY[unit];
  }

  /**
   * A span of time: {@code "850 us"}, {@code "12.3 ms"}, {@code "1.24 s"}, {@code "2 min 05 s"}.
   *
   * @param span at least 0
   */
  public static String time(Duration span) {
    double micros = span.toNanos() / 1e3;
    if (micros < 999.5) {
      return figures(micros) + " us";
    }
    if (micros < 999_500) {
      return figures(micros / 1e3) + " ms";
    }
    if (micros < 99_950_000) {
      return figures(micros / 1e6) + " s";
    }
    long seconds = Math.round(micros / 1e6);
    return String.format(Locale.ROOT, "%d min %02d s", seconds / 60, seconds % 60);
  }

  /**
   * How many times smaller a stored form is: {@code "5.52"}; a dash when there is nothing stored.
   *
   * @param raw bytes before
   * @param stored bytes after
   */
  public static String ratio(long raw, long stored) {
    return stored == 0 ? "-" : figures(unsigned(raw) / unsigned(stored));
  }

  /**
   * A share: {@code "4.62 %"}, {@code "100 %"}; a dash of nothing. Only all is 100 %, and only
   * nothing is 0 %.
   *
   * @param part at least 0
   * @param whole at least {@code part}
   */
  public static String percent(long part, long whole) {
    if (whole == 0) {
      return "-";
    }
    double share = 100.0 * part / whole;
    if (part > 0 && share < 0.01) {
      return "< 0.01 %";
    }
    if (part < whole && share > 99.9) {
      return "> 99.9 %";
    }
    return part == 0 ? "0 %" : figures(share) + " %";
  }

  /**
   * A number with its thousands set apart: {@code "16,384"}.
   *
   * @param number unsigned
   */
  public static String count(long number) {
    String digits = Long.toUnsignedString(number);
    StringBuilder grouped = new StringBuilder(digits);
    for (int i = digits.length() - 3; i > 0; i -= 3) {
      grouped.insert(i, ',');
    }
    return grouped.toString();
  }

  /**
   * So many of something: {@code "1 object"}, {@code "1,204 objects"}.
   *
   * @param number unsigned
   * @param what one of them; its plural has an s more
   */
  public static String plural(long number, String what) {
    return count(number) + " " + what + (number == 1 ? "" : "s");
  }

  /**
   * A moment: {@code "2026-01-01 12:00:00 UTC"}.
   *
   * @param moment any
   */
  public static String moment(Instant moment) {
    return TIME.format(moment) + " UTC";
  }

  private static String figures(double value) {
    String format = value >= 99.95 ? "%.0f" : value >= 9.995 ? "%.1f" : "%.2f";
    return String.format(Locale.ROOT, format, value);
  }

  private static double unsigned(long value) {
    double signed = value;
    return value < 0 ? signed + 0x1p64 : signed;
  }
}
