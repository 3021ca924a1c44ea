package io.ringkernel.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HlcTimestampTest {
  /** In unsigned order. */
  private static final List<Long> VALUES = List.of(0L, 1L, Long.MAX_VALUE, Long.MIN_VALUE, -1L);

  @Test
  void isOrderedByPhysicalThenLogicalThenNodeAllUnsigned() {
    List<HlcTimestamp> ordered = new ArrayList<>();
    for (long physical : VALUES) {
      for (long logical : VALUES) {
        for (long node : VALUES) {
          ordered.add(new HlcTimestamp(physical, logical, node));
        }
      }
    }
    List<HlcTimestamp> shuffled = new ArrayList<>(ordered);
    Collections.shuffle(shuffled, new Random(1));
    Collections.sort(shuffled);

    assertThat(shuffled).isEqualTo(ordered);
    assertThat(ordered.get(0)).isEqualTo(HlcTimestamp.ZERO);
  }

  @Test
  void comparesEqualExactlyWhenItIsEqual() {
    HlcTimestamp time = new HlcTimestamp(-1, 2, 3);

    assertThat(time)
        .isEqualByComparingTo(new HlcTimestamp(-1, 2, 3))
        .isEqualTo(new HlcTimestamp(-1, 2, 3));
    assertThat(time.compareTo(new HlcTimestamp(-1, 2, 4))).isNegative();
    assertThat(time.compareTo(new HlcTimestamp(1, 9, 9))).isPositive();
  }

  @Test
  void isWrittenUnsigned() {
    assertThat(new HlcTimestamp(-1, 0, Long.MIN_VALUE))
        .hasToString("18446744073709551615 0 9223372036854775808");
  }
}
