package io.ringkernel.checkpoint.cli.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import org.junit.jupiter.api.Test;

class QuantityTest {
  @Test
  void showsBytesInThreeFiguresAndAUnit() {
    assertThat(Quantity.bytes(0)).isEqualTo("0 B");
    assertThat(Quantity.bytes(1023)).isEqualTo("1023 B");
    assertThat(Quantity.bytes(1024)).isEqualTo("1.00 KiB");
    assertThat(Quantity.bytes(16 << 20)).isEqualTo("16.0 MiB");
    assertThat(Quantity.bytes((1L << 20) - 1)).isEqualTo("1.00 MiB");
    assertThat(Quantity.bytes(3L << 30)).isEqualTo("3.00 GiB");
    assertThat(Quantity.bytes(700L << 30)).isEqualTo("700 GiB");
  }

  @Test
  void takesBytesAsUnsigned() {
    assertThat(Quantity.bytes(-1)).isEqualTo("16.0 EiB");
    assertThat(Quantity.bytes(Long.MIN_VALUE)).isEqualTo("8.00 EiB");
    assertThat(Quantity.ratio(-1, Long.MIN_VALUE)).isEqualTo("2.00");
    assertThat(Quantity.count(-1)).isEqualTo("18,446,744,073,709,551,615");
  }

  @Test
  void showsTimesInThreeFiguresAndAUnit() {
    assertThat(Quantity.time(Duration.ZERO)).isEqualTo("0.00 us");
    assertThat(Quantity.time(Duration.ofNanos(850_400))).isEqualTo("850 us");
    assertThat(Quantity.time(Duration.ofNanos(999_600))).isEqualTo("1.00 ms");
    assertThat(Quantity.time(Duration.ofMillis(1240))).isEqualTo("1.24 s");
    assertThat(Quantity.time(Duration.ofMillis(99_960))).isEqualTo("1 min 40 s");
    assertThat(Quantity.time(Duration.ofSeconds(3725))).isEqualTo("62 min 05 s");
  }

  @Test
  void showsRatiosCountsAndMoments() {
    assertThat(Quantity.ratio(0, 0)).isEqualTo("-");
    assertThat(Quantity.ratio(1000, 300)).isEqualTo("3.33");
    assertThat(Quantity.count(999)).isEqualTo("999");
    assertThat(Quantity.count(1000)).isEqualTo("1,000");
    assertThat(Quantity.count(1234567)).isEqualTo("1,234,567");
    assertThat(Quantity.moment(Instant.ofEpochSecond(1_000_000_000)))
        .isEqualTo("2001-09-09 01:46:40 UTC");
  }

  @Test
  void rounds100PercentOnlyFromAll() {
    assertThat(Quantity.percent(0, 0)).isEqualTo("-");
    assertThat(Quantity.percent(0, 10)).isEqualTo("0 %");
    assertThat(Quantity.percent(1, 1_000_000)).isEqualTo("< 0.01 %");
    assertThat(Quantity.percent(462, 10_000)).isEqualTo("4.62 %");
    assertThat(Quantity.percent(999_999, 1_000_000)).isEqualTo("> 99.9 %");
    assertThat(Quantity.percent(10, 10)).isEqualTo("100 %");
  }

  @Test
  void isTheSameInEveryLocale() {
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
      assertThat(Quantity.bytes(1536)).isEqualTo("1.50 KiB");
      assertThat(Quantity.time(Duration.ofMillis(1500))).isEqualTo("1.50 s");
      assertThat(Quantity.moment(Instant.EPOCH)).isEqualTo("1970-01-01 00:00:00 UTC");
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void showsTheLastMomentOfTheFormat() {
    Instant last = Instant.ofEpochSecond(18_446_744_073_709L);

    assertThat(Quantity.moment(last)).startsWith("+").endsWith(" UTC");
  }
}
