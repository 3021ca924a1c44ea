package io.ringkernel.checkpoint.cli;

import io.ringkernel.checkpoint.compression.CompressionCodec;
import io.ringkernel.checkpoint.compression.CompressionCodecs;
import io.ringkernel.checkpoint.format.Compression;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** From the words of a command line to typed values; what can't be one is wrong usage. */
final class Converters {
  private Converters() {}

  /** 64 bits without a sign, in decimal or, behind 0x, in hex. */
  static final class Unsigned implements ITypeConverter<Long> {
    @Override
    public Long convert(String value) {
      try {
        return value.startsWith("0x")
            ? Long.parseUnsignedLong(value.substring(2), 16)
            : Long.parseUnsignedLong(value);
      } catch (NumberFormatException e) {
        throw new TypeConversionException(
            "'" + value + "' is no whole number from 0 to 18446744073709551615");
      }
    }
  }

  /** A span of time, as {@code 90s}, {@code 15m}, {@code 2h} or {@code 7d}, or ISO 8601's PT15M. */
  static final class Span implements ITypeConverter<Duration> {
    private static final Pattern SPAN = Pattern.compile("([0-9]{1,12})(ms|s|m|h|d)");

    @Override
    public Duration convert(String value) {
      if (value.equals("0")) {
        return Duration.ZERO;
      }
      if (value.startsWith("P")) {
        return iso(value);
      }
      Matcher span = SPAN.matcher(value);
      if (!span.matches()) {
        throw refused(value);
      }
      long count = Long.parseLong(span.group(1));
      return switch (span.group(2)) {
        case "ms" -> Duration.ofMillis(count);
        case "s" -> Duration.ofSeconds(count);
        case "m" -> Duration.ofMinutes(count);
        case "h" -> Duration.ofHours(count);
        default -> Duration.ofDays(count);
      };
    }

    private static Duration iso(String value) {
      try {
        Duration span = Duration.parse(value);
        if (!span.isNegative()) {
          return span;
        }
      } catch (DateTimeException e) {
        // Told below.
      }
      throw refused(value);
    }

    private static TypeConversionException refused(String value) {
      return new TypeConversionException(
          "'"
              + value
              + "' is no span of time: write a number and one of ms, s, m, h and d, as in 10m, 2h or"
              + " 1d, or as ISO 8601 does, PT10M");
    }
  }

  /** 1 or 2. */
  static final class FormatVersion implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String value) {
      return switch (value) {
        case "1" -> 1;
        case "2" -> 2;
        default -> throw new TypeConversionException("'" + value + "' is no format: write 1 or 2");
      };
    }
  }

  /** A codec that is installed, and a level that it has. */
  static final class CompressionName implements ITypeConverter<Compression> {
    @Override
    public Compression convert(String value) {
      try {
        Compression compression = Compression.parse(value);
        if (!compression.isNone()) {
          requireUsable(compression);
        }
        return compression;
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(String.valueOf(e.getMessage()));
      }
    }

    private static void requireUsable(Compression compression) {
      CompressionCodecs installed = CompressionCodecs.installed();
      if (!installed.names().contains(compression.codec())) {
        throw new IllegalArgumentException(
            "'"
                + compression.codec()
                + "' is no compression: write one of "
                + String.join(", ", installed.names()));
      }
      CompressionCodec codec = installed.byName(compression.codec());
      Integer asked = compression.level();
      int level = asked == null ? codec.defaultLevel() : asked;
      if (level < codec.minLevel() || level > codec.maxLevel()) {
        throw new IllegalArgumentException(
            codec.name()
                + " has levels "
                + codec.minLevel()
                + " to "
                + codec.maxLevel()
                + ", not "
                + level);
      }
    }
  }
}
