package io.ringkernel.checkpoint.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.format.BlockIndex.ReadCost;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
      speed.add(8 << 20, nanos(8 * MIB / 1e8));
    }
    speed.add(8 << 20, 1);

    assertThat(speed.bytesPerSecond()).isLessThan(1.3e8);
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
}
