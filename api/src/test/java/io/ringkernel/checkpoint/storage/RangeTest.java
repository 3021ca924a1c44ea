package io.ringkernel.checkpoint.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RangeTest {
  @ParameterizedTest
  @CsvSource({
    "0, 10, 100, 0, 10",
    "95, 10, 100, 95, 5",
    "100, 10, 100, 100, 0",
    "101, 10, 100, 100, 0",
    "0, 0, 100, 0, 0",
    "0, 10, 0, 0, 0",
    "5, 9223372036854775807, 100, 5, 95",
    "9223372036854775807, 9223372036854775807, 100, 100, 0",
    "1, 9223372036854775807, 9223372036854775807, 1, 9223372036854775806",
  })
  void isCutToTheObject(long offset, long length, long size, long start, long bytes) {
    Range range = Range.of(offset, length);

    assertThat(range.isSuffix()).isFalse();
    assertThat(range.within(size)).isEqualTo(Range.of(start, bytes));
  }

  @ParameterizedTest
  @CsvSource({
    "10, 100, 90, 10",
    "100, 100, 0, 100",
    "101, 100, 0, 100",
    "0, 100, 100, 0",
    "10, 0, 0, 0",
    "9223372036854775807, 100, 0, 100",
    "9223372036854775807, 9223372036854775807, 0, 9223372036854775807",
  })
  void aSuffixCountsFromTheEnd(long length, long size, long start, long bytes) {
    Range suffix = Range.suffix(length);

    assertThat(suffix.isSuffix()).isTrue();
    assertThat(suffix.within(size)).isEqualTo(Range.of(start, bytes));
  }

  @Test
  void allIsEverything() {
    assertThat(Range.all().within(100)).isEqualTo(Range.of(0, 100));
    assertThat(Range.all().within(0)).isEqualTo(Range.of(0, 0));
    assertThat(Range.all().isSuffix()).isFalse();
  }

  @Test
  void refusesWhatIsNoRange() {
    assertThatThrownBy(() -> Range.of(-1, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("offset must be at least 0, not -1");
    assertThatThrownBy(() -> Range.of(0, -1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Range.suffix(-1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Range(-2, 0)).isInstanceOf(IllegalArgumentException.class);
  }
}
