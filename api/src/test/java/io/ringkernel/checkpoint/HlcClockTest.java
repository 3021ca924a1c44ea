package io.ringkernel.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class HlcClockTest {
  private final WallClock wall = new WallClock(1_000);
  private final HlcClock clock = new HlcClock(7, wall);

  @Test
  void followsTheWallClock() {
    assertThat(clock.tick()).isEqualTo(new HlcTimestamp(1_000, 0, 7));
    wall.micros = 1_500;
    assertThat(clock.tick()).isEqualTo(new HlcTimestamp(1_500, 0, 7));
  }

  @Test
  void countsWhileTheWallClockStandsStill() {
    clock.tick();

    assertThat(clock.tick()).isEqualTo(new HlcTimestamp(1_000, 1, 7));
    assertThat(clock.tick()).isEqualTo(new HlcTimestamp(1_000, 2, 7));
  }

  @Test
  void neverGoesBackWithTheWallClock() {
    HlcTimestamp before = clock.tick();
    for (long micros : new long[] {999, 0, -5, 500, 1_000}) {
      wall.micros = micros;
      HlcTimestamp after = clock.tick();
      assertThat(after).isGreaterThan(before);
      assertThat(after.physical()).isEqualTo(1_000);
      before = after;
    }
  }

  @Test
  void aWallClockBefore1970CountsAsTheEpoch() {
    wall.micros = -1;

    assertThat(clock.tick()).isEqualTo(new HlcTimestamp(0, 1, 7));
    wall.micros = 10;
    assertThat(clock.tick()).isEqualTo(new HlcTimestamp(10, 0, 7));
  }

  @Test
  void mergesATimestampFromTheFuture() {
    HlcTimestamp remote = new HlcTimestamp(9_000, 41, 99);

    assertThat(clock.merge(remote)).isEqualTo(new HlcTimestamp(9_000, 42, 7));
    assertThat(clock.tick()).isEqualTo(new HlcTimestamp(9_000, 43, 7));
    assertThat(clock.now()).isEqualTo(new HlcTimestamp(9_000, 43, 7));
  }

  @Test
  void mergesATimestampFromThePastAsATick() {
    clock.tick();

    assertThat(clock.merge(new HlcTimestamp(10, 500, 1))).isEqualTo(new HlcTimestamp(1_000, 1, 7));
  }

  @Test
  void mergesOneOfTheSameMomentWithTheLargerCounter() {
    clock.tick();

    assertThat(clock.merge(new HlcTimestamp(1_000, 5, 1))).isEqualTo(new HlcTimestamp(1_000, 6, 7));
    assertThat(clock.merge(new HlcTimestamp(1_000, 2, 1))).isEqualTo(new HlcTimestamp(1_000, 7, 7));
  }

  @Test
  void isAfterARemoteOfALargerNodeToo() {
    clock.tick();
    HlcTimestamp remote = new HlcTimestamp(1_000, 0, -1);

    assertThat(clock.merge(remote)).isGreaterThan(remote);
  }

  @Test
  void treatsTimesPast2To63AsLater() {
    HlcTimestamp remote = new HlcTimestamp(Long.MIN_VALUE, 0, 1);

    assertThat(clock.merge(remote)).isEqualTo(new HlcTimestamp(Long.MIN_VALUE, 1, 7));
    assertThat(clock.tick()).isGreaterThan(remote);
  }

  @Test
  void carriesAFullCounterIntoThePhysicalPart() {
    HlcTimestamp remote = new HlcTimestamp(5_000, -1, 1);

    assertThat(clock.merge(remote)).isEqualTo(new HlcTimestamp(5_001, 0, 7));
  }

  @Test
  void refusesTheLastTimestampThereIsAndStaysAsItWas() {
    HlcTimestamp before = clock.tick();
    HlcTimestamp end = new HlcTimestamp(-1, -1, 0);

    assertThatThrownBy(() -> clock.merge(end))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("18446744073709551615 18446744073709551615 0");
    assertThat(clock.now()).isEqualTo(before);
    assertThat(clock.tick()).isGreaterThan(before);
  }

  @Test
  void tellsTheLastTimestampWithoutMakingOne() {
    assertThat(clock.now()).isEqualTo(new HlcTimestamp(0, 0, 7));
    HlcTimestamp last = clock.tick();
    assertThat(clock.now()).isEqualTo(last);
    assertThat(clock.now()).isEqualTo(last);
  }

  @Test
  void followsTheSystemClockUnlessToldOtherwise() {
    long before = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());

    HlcTimestamp time = new HlcClock(3).tick();

    assertThat(time.physical()).isGreaterThanOrEqualTo(before);
    assertThat(time.nodeId()).isEqualTo(3);
  }

  @Test
  void givesEachThreadItsOwnRisingTimestamps() throws Exception {
    List<List<HlcTimestamp>> perThread =
        Racing.results(
            4,
            () -> {
              List<HlcTimestamp> mine = new ArrayList<>();
              for (int i = 0; i < 2_000; i++) {
                mine.add(i % 3 == 0 ? clock.merge(new HlcTimestamp(i, i, 1)) : clock.tick());
              }
              return mine;
            });

    assertThat(perThread).allSatisfy(mine -> assertThat(mine).isSorted());
    assertThat(perThread.stream().flatMap(List::stream).distinct().count()).isEqualTo(8_000);
  }

  /** A wall clock that the test turns. */
  private static final class WallClock extends Clock {
    volatile long micros;

    WallClock(long micros) {
      this.micros = micros;
    }

    @Override
    public Instant instant() {
      return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }
}
