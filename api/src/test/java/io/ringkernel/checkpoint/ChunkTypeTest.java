package io.ringkernel.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChunkTypeTest {
  @ParameterizedTest
  @CsvSource({
    "1, control-block",
    "2, h2k-queue",
    "3, k2h-queue",
    "4, hlc-state",
    "5, device-memory",
    "6, k2k-routing",
    "7, halo-buffers",
    "8, telemetry",
    "100, custom",
  })
  void knowsTheTypesOfTheFormat(int code, String label) {
    ChunkType type = new ChunkType(code);

    assertThat(type.label()).isEqualTo(label);
    assertThat(type).hasToString(label);
    assertThat(type.isKnown()).isTrue();
    assertThat(ChunkType.parse(label)).isEqualTo(type);
    assertThat(ChunkType.known()).contains(type);
  }

  @Test
  void hasAConstantForEachKnownType() {
    assertThat(ChunkType.known())
        .containsExactly(
            ChunkType.CONTROL_BLOCK,
            ChunkType.H2K_QUEUE,
            ChunkType.K2H_QUEUE,
            ChunkType.HLC_STATE,
            ChunkType.DEVICE_MEMORY,
            ChunkType.K2K_ROUTING,
            ChunkType.HALO_BUFFERS,
            ChunkType.TELEMETRY,
            ChunkType.CUSTOM);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "9", "99", "101", "2147483648", "4294967295"})
  void keepsUnknownValuesAsUnsignedNumbers(String text) {
    ChunkType type = ChunkType.parse(text);

    assertThat(type.code()).isEqualTo(Integer.parseUnsignedInt(text));
    assertThat(type.isKnown()).isFalse();
    assertThat(type.label()).isEqualTo(text);
  }

  @Test
  void aNumberNamesAKnownTypeToo() {
    assertThat(ChunkType.parse("5")).isEqualTo(ChunkType.DEVICE_MEMORY);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "CUSTOM", "device_memory", "-1", "4294967296", "custom "})
  void refusesOtherTextsAndSaysWhatIsKnown(String text) {
    assertThatThrownBy(() -> ChunkType.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "'%s' is no chunk type; known: control-block, h2k-queue, k2h-queue, hlc-state,"
                + " device-memory, k2k-routing, halo-buffers, telemetry, custom, or a number from"
                + " 0 to 4294967295",
            text);
  }
}
