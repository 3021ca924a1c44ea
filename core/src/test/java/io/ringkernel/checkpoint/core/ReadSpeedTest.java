package io.ringkernel.checkpoint.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.ringkernel.checkpoint.format.BlockIndex.ReadCost;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** What measured reads say of the next ones, and what a policy makes of it. */
class ReadSpeedTest {
  private static final double MIB = 1 << 20;

  @ParameterizedTest
  @CsvSource({"1e9, 0.0001", "5e7, 0.03"})
  void comesToWhatIsMeasured(double bytesPerSecond, double secondsPerRequest) {
    ReadSpeed speed = new ReadSpeed();
    for (int i = 0; i < 200; i++) {
      speed.add(1000, nanos(secondsPerRequest + 1000 / bytesPerSecond));
      speed.add(8 << 20, nanos(secondsPerRequest + 8 * MIB / bytesPerSecond));
    }

    assertThat(speed.secondsPerRequest())
        .isBetween(0.9 * secondsPerRequest, 1.1 * secondsPerRequest);
    assertThat(speed.bytesPerSecond()).isBetween(0.8 * bytesPerSecond, 1.2 * bytesPerSecond);
  }

  private static long nanos(double seconds) {
    return Math.round(seconds * 1e9);
  }

  @Test
  void oneHastyReadCountsLittle() {
    ReadSpeed speed = new ReadSpeed();
    for (int i = 0; i < 50; i++) {
      speed.add(4096, nanos(0.001));
      speed.add(8 << 20, nanos(8 * MIB / 1e8));
    }
    speed.add(8 << 20, 1);

    assertThat(speed.bytesPerSecond()).isLessThan(1.3e8);
  }

  /** A full one of 16 MiB in two requests, and the first delta on it, of 12 blocks. */
  private static final ReadCost FULL = new ReadCost(1, 2, 0, 16 << 20);

  private static final ReadCost DELTA = new ReadCost(2, 4, 13, (16 << 20) + (16 << 10));

  /** Milliseconds of short reads in a process that had just begun, as they were. */
  private static final double[] COLD_REQUESTS = {
    80, 5.9, 8.5, 4.8, 0.9, 1.4, 1.1, 1.0, 1.0, 0.4, 0.9, 0.4
  };

  /** The same of reads of 1 MiB. */
  private static final double[] COLD_TRANSFERS = {0.7, 0.7, 10.3, 46.6, 0.7, 56.1, 1.1, 0.7};

  private static ReadSpeed cold() {
    ReadSpeed speed = new ReadSpeed();
    for (double millis : COLD_REQUESTS) {
      speed.add(4096, nanos(millis / 1e3));
    }
    for (double millis : COLD_TRANSFERS) {
      speed.add(1 << 20, nanos(millis / 1e3));
    }
    return speed;
  }

  @Test
  void aProcessThatHasJustBegunDoesNotTakeTheStorageForSlow() {
    assertThat(cold().secondsPerRequest()).isLessThan(0.002);
    assertThat(cold().bytesPerSecond()).isGreaterThan(5e8);
    double cost = Bases.expectedCost(FULL, DELTA, 1, cold());
    assertThat(FullPolicy.defaults().reasonForFull(2, 0.5, cost)).isEmpty();
  }

  @Test
  void theFirstMeasurementAloneIsNotBelieved() {
    ReadSpeed speed = new ReadSpeed();
    double before = Bases.expectedCost(FULL, DELTA, 1, speed);
    speed.add(4096, nanos(0.25));
    speed.add(8 << 20, nanos(0.5));

    assertThat(Bases.expectedCost(FULL, DELTA, 1, speed)).isEqualTo(before);
  }

  @Test
  void oneKindIsNotBelievedWithoutTheOther() {
    ReadSpeed speed = new ReadSpeed();
    double before = Bases.expectedCost(FULL, DELTA, 1, speed);
    for (int i = 0; i < 20; i++) {
      speed.add(4096, nanos(0.03));
    }

    assertThat(Bases.expectedCost(FULL, DELTA, 1, speed)).isEqualTo(before);
  }

  @Test
  void aStorageThatGetsSlowIsNoticed() {
    ReadSpeed speed = cold();
    for (int i = 0; i < 16; i++) {
      speed.add(4096, nanos(0.03));
      speed.add(8 << 20, nanos(0.2));
    }

    assertThat(speed.secondsPerRequest()).isBetween(0.029, 0.031);
    assertThat(speed.bytesPerSecond()).isLessThan(6e7);
  }

  /**
   * Of a storage whose every third read is held up, a chain of deltas ends before a restore takes
   * more than 1.1 times as long as a full one, by what its reads really take.
   */
  @ParameterizedTest
  @CsvSource({"0.0002, 1e9", "0.002, 3e8", "0.03, 5e7", "0.1, 1e7"})
  void aChainEndsBeforeARestoreCostsTooMuch(double perRequest, double bytesPerSecond) {
    ReadSpeed speed = new ReadSpeed();
    for (int i = 0; i < 40; i++) {
      double slower = i % 3 == 0 ? 2 : 1;
      speed.add(4096, nanos(slower * perRequest));
      speed.add(8 << 20, nanos(slower * (perRequest + (8 << 20) / bytesPerSecond)));
    }
    ReadCost full = new ReadCost(1, 128, 0, 1L << 30);
    int deltas = 0;
    ReadCost chain = full;
    while (FullPolicy.defaults()
        .reasonForFull(deltas + 1, 0, Bases.expectedCost(full, chain, deltas, speed))
        .isEmpty()) {
      deltas++;
      chain =
          new ReadCost(1 + deltas, 128 + 3L * deltas, 20L * deltas, (1L << 30) + 16_384L * deltas);
    }

    assertThat(deltas).isPositive();
    double real = chain.seconds(bytesPerSecond, perRequest);
    assertThat(real / full.seconds(bytesPerSecond, perRequest)).isLessThanOrEqualTo(1.1);
  }

  @Test
  void aShortReadAmongOthersIsNotMeasured() {
    ReadSpeed speed = new ReadSpeed();
    speed.add(8 << 20, nanos(0.1));
    speed.add(8 << 20, nanos(0.1));
    Sinks.One<Boolean> first = Sinks.one();
    Sinks.One<Boolean> second = Sinks.one();
    for (int i = 0; i < 3; i++) {
      speed.add(4096, nanos(0.001));
    }
    double alone = speed.secondsPerRequest();
    for (int i = 0; i < 20; i++) {
      Disposable other = speed.measured(10, first.asMono()).subscribe();
      speed.measured(10, Mono.just(true)).block();
      other.dispose();
    }
    assertThat(speed.secondsPerRequest()).isEqualTo(alone);

    second.tryEmitValue(true);
    for (int i = 0; i < 20; i++) {
      speed.measured(10, second.asMono()).block();
    }
    assertThat(speed.secondsPerRequest()).isNotEqualTo(alone);
  }

  @Test
  void aReadThatFailsOrIsCancelledIsNotMeasuredAndNotLeftUnderWay() {
    ReadSpeed speed = new ReadSpeed();
    speed.add(8 << 20, nanos(0.1));
    speed.add(8 << 20, nanos(0.1));
    speed.measured(10, Mono.never()).subscribe().dispose();
    speed.measured(10, Mono.error(new IllegalStateException())).onErrorComplete().block();
    double before = speed.secondsPerRequest();

    speed.measured(10, Mono.just(true)).block();
    speed.measured(10, Mono.just(true)).block();

    assertThat(speed.secondsPerRequest()).isNotEqualTo(before);
  }

  @Test
  void aCostIsBytesAndRequests() {
    assertThat(new ReadCost(2, 10, 0, 1000).seconds(100, 0.5)).isEqualTo(15);
    assertThat(new ReadCost(2, 10, 5, 1000).seconds(1024, 0.5)).isEqualTo(1000 / 1024.0 + 320 + 5);
  }

  @Test
  void aPolicySaysWhatItObjectsTo() {
    FullPolicy policy = FullPolicy.defaults();

    assertThat(policy.reasonForFull(64, 1, 1.1)).isEmpty();
    assertThat(policy.reasonForFull(65, 0, 1)).get().asString().contains("65").contains("64");
    assertThat(policy.reasonForFull(1, 0, 1.2)).get().asString().contains("1.20");
    assertThat(policy.maxForeignShare(0.25).reasonForFull(1, 0.5, 1))
        .get()
        .asString()
        .contains("50 %")
        .contains("25 %");
    assertThat(FullPolicy.alwaysFull().reasonForFull(1, 0, 1)).isPresent();
  }

  @Test
  void aPolicyTakesItsBoundsAndNothingBeyond() {
    FullPolicy policy = FullPolicy.defaults();

    assertThat(policy.maxChain(65_535).maxChain()).isEqualTo(65_535);
    assertThat(policy.maxForeignShare(0).maxForeignShare()).isZero();
    assertThat(policy.maxRestoreCost(1).maxRestoreCost()).isEqualTo(1);
    List<Supplier<FullPolicy>> beyond =
        List.of(
            () -> policy.maxChain(-1),
            () -> policy.maxChain(65_536),
            () -> policy.maxForeignShare(-0.1),
            () -> policy.maxForeignShare(1.1),
            () -> policy.maxForeignShare(Double.NaN),
            () -> policy.maxRestoreCost(0.9),
            () -> policy.maxRestoreCost(Double.NaN));
    assertThat(beyond)
        .allSatisfy(
            made -> assertThatIllegalArgumentException().isThrownBy(() -> made.get().maxChain()));
  }
}
