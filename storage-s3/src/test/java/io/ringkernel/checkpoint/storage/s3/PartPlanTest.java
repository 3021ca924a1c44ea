package io.ringkernel.checkpoint.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PartPlanTest {
  private static final long MIB = 1 << 20;
  private static final long GIB = 1 << 30;
  private static final PartPlan DEFAULT = new PartPlan(64 * MIB, 8 * MIB);

  private static long sizeUpTo(PartPlan plan, int last) {
    return IntStream.rangeClosed(1, last).mapToLong(plan::sizeOf).sum();
  }

  @ParameterizedTest
  @CsvSource({
    "128, 8, 1",
    "256, 16, 3",
    "2560, 32, 75",
    "6160, 64, 300",
    "6800, 128, 380",
    "7440, 256, 540",
    "8080, 512, 860",
    "8720, 1024, 1500",
    "9360, 2048, 2780",
    "10000, 4096, 5340"
  })
  void growsAsItsTableTells(int last, long mibEach, long gibInAll) {
    assertThat(DEFAULT.sizeOf(last)).isEqualTo(mibEach * MIB);
    assertThat(DEFAULT.sizeOf(Math.min(last + 1, 10_000))).isGreaterThanOrEqualTo(mibEach * MIB);
    assertThat(sizeUpTo(DEFAULT, last)).isEqualTo(gibInAll * GIB);
  }

  @Test
  void holdsNoMoreThanItsMemoryUpTo300GiB() {
    long sent = 0;
    for (int number = 1; sent < 300 * GIB; number++) {
      long size = DEFAULT.sizeOf(number);
      long held = 0;
      while (DEFAULT.allows(number, held)) {
        held += size;
      }
      assertThat(held).isEqualTo(64 * MIB);
      sent += size;
    }
  }

  @Test
  void alwaysAllowsOnePart() {
    assertThat(DEFAULT.allows(10_000, 0)).isTrue();
    assertThat(DEFAULT.allows(10_000, 1)).isFalse();
  }

  @Test
  void takesTheLargestObjectOfTheServiceWithTheLargestParts() {
    PartPlan plan = new PartPlan(5_120 * MIB, 5_120 * MIB);
    assertThat(IntStream.rangeClosed(1, 10_000).mapToLong(plan::sizeOf)).containsOnly(5 * GIB);
    assertThat(sizeUpTo(plan, 10_000)).isGreaterThan(48L * 1024 * GIB);
  }
}
