package io.ringkernel.checkpoint.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.Test;

class SpansTest {
  @Test
  void areInTheWordsThatPeopleSetThemIn() {
    assertThat(Spans.words(Duration.ZERO)).isEqualTo("0 s");
    assertThat(Spans.words(Duration.ofMillis(100))).isEqualTo("100 ms");
    assertThat(Spans.words(Duration.ofSeconds(30))).isEqualTo("30 s");
    assertThat(Spans.words(Duration.ofMinutes(5))).isEqualTo("5 min");
    assertThat(Spans.words(Duration.ofHours(36))).isEqualTo("1 d 12 h");
    assertThat(Spans.words(Duration.ofDays(365_000))).isEqualTo("365000 d");
    assertThat(Spans.words(Duration.ofSeconds(-2))).isEqualTo("-2 s");
  }

  @Test
  void areExactDownToMicrosecondsAndNeverTellNothingOfWhatIsShorter() {
    assertThat(Spans.words(Duration.ofNanos(12_345_678))).isEqualTo("12 ms 345 us");
    assertThat(Spans.words(Duration.ofMillis(1_001))).isEqualTo("1 s 1 ms");
    assertThat(Spans.words(Duration.ofNanos(999))).isEqualTo("999 ns");
  }

  @Test
  void areToldOfEverySpanThereIs() {
    String most = "106751991167300 d 15 h 30 min 7 s 999 ms 999 us";
    assertThat(Spans.words(ChronoUnit.FOREVER.getDuration())).isEqualTo(most);
    assertThat(Spans.words(Duration.ofSeconds(Long.MIN_VALUE))).isEqualTo("-" + most);
    assertThat(Spans.words(Duration.ofSeconds(Long.MIN_VALUE, 1))).isEqualTo("-" + most);
  }
}
