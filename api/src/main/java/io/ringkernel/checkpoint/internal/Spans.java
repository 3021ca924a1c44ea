package io.ringkernel.checkpoint.internal;

import java.time.Duration;

/** Spans of time as messages tell them. */
public final class Spans {
  private static final Duration LEAST = Duration.ofSeconds(Long.MIN_VALUE);
  private static final Duration MOST = Duration.ofSeconds(Long.MAX_VALUE, 999_999_999);

  private Spans() {}

  /**
   * A span in words: {@code "1 h"}, {@code "1 d 12 h"}, {@code "500 ms"}.
   *
   * @param span exact down to microseconds, and below one to nanoseconds
   */
  public static String words(Duration span) {
    if (span.isNegative()) {
      // The least has no opposite; it is a nanosecond beyond that of the most.
      return "-" + words(span.equals(LEAST) ? MOST : span.negated());
    }
    StringBuilder text = new StringBuilder();
    append(text, span.toDaysPart(), " d");
    append(text, span.toHoursPart(), " h");
    append(text, span.toMinutesPart(), " min");
    append(text, span.toSecondsPart(), " s");
    append(text, span.toMillisPart(), " ms");
    append(text, span.toNanosPart() / 1000 % 1000, " us");
    if (text.isEmpty()) {
      append(text, span.toNanosPart(), " ns");
    }
    return text.isEmpty() ? "0 s" : text.toString();
  }

  private static void append(StringBuilder text, long count, String unit) {
    if (count > 0) {
      text.append(text.isEmpty() ? "" : " ").append(count).append(unit);
    }
  }
}
