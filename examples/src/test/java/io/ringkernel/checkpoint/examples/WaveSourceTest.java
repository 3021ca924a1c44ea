package io.ringkernel.checkpoint.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WaveSourceTest {
  private static final WaveSource SOURCE = new WaveSource(100, 1, 2, 3, 5, 20);

  @Test
  void beginsAndEndsAtRestWithItsPeakBetween() {
    assertThat(SOURCE.at(100)).isCloseTo(0, within(1e-6f));
    assertThat(SOURCE.at(130)).isEqualTo(5);
    assertThat(SOURCE.at(160)).isCloseTo(0, within(1e-6f));
    assertThat(SOURCE.isOver(159)).isFalse();
    assertThat(SOURCE.isOver(160)).isTrue();
  }

  @Test
  void hasNoMean() {
    double sum = 0;
    for (int step = 100; step <= 160; step++) {
      sum += SOURCE.at(step);
    }
    assertThat(sum).isCloseTo(0, within(1e-5));
  }

  @Test
  void beginsWhenItIsTakenLate() {
    assertThat(SOURCE.notBefore(50)).isEqualTo(SOURCE);
    assertThat(SOURCE.notBefore(170).at(200)).isEqualTo(5);
  }

  @Test
  void liesInMemoryAsDocumented() {
    ByteBuffer memory = ByteBuffer.allocate(WaveSource.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    SOURCE.writeTo(memory);

    assertThat(memory.remaining()).isZero();
    assertThat(memory.getLong(0)).isEqualTo(100);
    assertThat(memory.getInt(8)).isEqualTo(1);
    assertThat(memory.getInt(12)).isEqualTo(2);
    assertThat(memory.getInt(16)).isEqualTo(3);
    assertThat(memory.getFloat(20)).isEqualTo(5);
    assertThat(memory.getFloat(24)).isEqualTo(20);
    assertThat(memory.getInt(28)).isZero();
    assertThat(WaveSource.readFrom(memory.flip())).isEqualTo(SOURCE);
  }

  @Test
  void knowsWhetherItsCellIsInACube() {
    assertThat(SOURCE.fits(4)).isTrue();
    assertThat(SOURCE.fits(3)).isFalse();
    assertThat(WaveSource.centred(128).fits(128)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(floats = {3.9f, 1_000_001, 0, -1, Float.NaN, Float.POSITIVE_INFINITY})
  void refusesPeriodsThatAGridCanNotCarry(float period) {
    assertThatThrownBy(() -> new WaveSource(0, 0, 0, 0, 1, period))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("period from 4 to 1000000");
  }

  @Test
  void refusesImpossibleCellsStepsAndAmplitudes() {
    assertThatThrownBy(() -> new WaveSource(-1, 0, 0, 0, 1, 20))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new WaveSource(0, 0, -1, 0, 1, 20))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new WaveSource(0, 0, 0, 0, Float.NaN, 20))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("amplitude must be finite");
  }
}
