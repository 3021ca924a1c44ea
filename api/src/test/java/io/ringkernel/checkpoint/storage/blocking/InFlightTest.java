package io.ringkernel.checkpoint.storage.blocking;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class InFlightTest {
  private final InFlight inFlight = new InFlight();

  private long requestedAfter(int buffers, long length) {
    for (int i = 0; i < buffers; i++) {
      inFlight.written(length);
    }
    return inFlight.request();
  }

  @Test
  void asksForAFewUntilTheirSizeIsKnown() {
    assertThat(inFlight.request()).isEqualTo(8);
    assertThat(inFlight.request()).as("enough is on its way").isZero();
  }

  @Test
  void asksForManySmallOnesButNotForAnyNumber() {
    inFlight.request();

    assertThat(requestedAfter(8, 10)).isEqualTo(256);
    assertThat(requestedAfter(100, 10)).isEqualTo(100);
  }

  @Test
  void asksForFewLargeOnes() {
    inFlight.request();

    assertThat(requestedAfter(2, 64 << 20)).as("six are on their way").isZero();
    assertThat(requestedAfter(6, 64 << 20)).isEqualTo(4);
  }

  @Test
  void asksForAsManyAsAreEightMebibytes() {
    inFlight.request();

    assertThat(requestedAfter(8, 1 << 18)).isEqualTo(32);
  }

  @Test
  void emptyOnesAreSmall() {
    inFlight.request();

    assertThat(requestedAfter(8, 0)).isEqualTo(256);
  }
}
