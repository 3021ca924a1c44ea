package io.ringkernel.checkpoint.core;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Points in time as microseconds since the epoch. */
final class Instants {
  private Instants() {}

  static long micros(Instant instant) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
  }

  static Instant ofMicros(long micros) {
    return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
  }
}
