package io.ringkernel.checkpoint.core;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/** Points in time as microseconds since the epoch. */
final class Instants {
  private Instants() {}

  static long micros(Instant instant) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
  }

  /** A span of time for people: {@code 12h}, {@code 1m30s}. */
  static String words(Duration span) {
    return span.toString().substring("PT".length()).toLowerCase(Locale.ROOT);
  }

  static Instant ofMicros(long micros) {
    return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
  }
}
