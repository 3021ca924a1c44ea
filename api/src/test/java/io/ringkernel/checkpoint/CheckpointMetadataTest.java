package io.ringkernel.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointMetadataTest {
  private static CheckpointMetadata.Builder builder() {
    return CheckpointMetadata.builder("kernel", "type");
  }

  @Test
  void startsAtZero() {
    CheckpointMetadata metadata = builder().build();

    assertThat(metadata.kernelId()).isEqualTo("kernel");
    assertThat(metadata.kernelType()).isEqualTo("type");
    assertThat(metadata.step()).isZero();
    assertThat(metadata.gridSize()).isEqualTo(Dim3.NONE);
    assertThat(metadata.tileSize()).isEqualTo(Dim3.NONE);
    assertThat(metadata.hlc()).isEqualTo(HlcTimestamp.ZERO);
    assertThat(metadata.createdAtMicros()).isZero();
    assertThat(metadata.custom()).isEmpty();
  }

  @Test
  void aBuilderOfItMakesTheSame() {
    CheckpointMetadata metadata =
        builder()
            .kernelId("")
            .kernelType("t")
            .step(-1)
            .gridSize(new Dim3(1, 2, -1))
            .tileSize(new Dim3(4, 5, 6))
            .hlc(new HlcTimestamp(1, 2, 3))
            .createdAtMicros(77)
            .custom("k", "v")
            .custom(Map.of("a", "b"))
            .build();

    assertThat(metadata.toBuilder().build()).isEqualTo(metadata).hasSameHashCodeAs(metadata);
    assertThat(metadata.toBuilder().custom("k", "other").build().custom())
        .containsEntry("k", "other")
        .containsEntry("a", "b");
    assertThat(metadata.gridSize()).hasToString("1 2 4294967295");
  }

  @Test
  void ordersCustomEntriesByUtf8BytesNotByChars() {
    // By chars the surrogates of U+1F30A sort before U+E000 and U+FFFD; by bytes they come last.
    CheckpointMetadata metadata =
        builder()
            .custom(Map.of("\ud83c\udf0a", "4", "\ufffd", "3", "\ue000", "2", "z", "1"))
            .build();

    assertThat(metadata.custom().keySet()).containsExactly("z", "\ue000", "\ufffd", "\ud83c\udf0a");
  }

  @Test
  void ordersAnyKeysAsTheirBytes() {
    Random random = new Random(7);
    Map<String, String> entries = new HashMap<>();
    for (int i = 0; i < 2_000; i++) {
      entries.put(anyText(random), "");
    }

    List<String> ordered = new ArrayList<>(builder().custom(entries).build().custom().keySet());

    List<String> byBytes = new ArrayList<>(entries.keySet());
    byBytes.sort(
        (a, b) ->
            Arrays.compareUnsigned(
                a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8)));
    assertThat(ordered).isEqualTo(byBytes);
  }

  private static String anyText(Random random) {
    int[] interesting = {'a', 'b', 0, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xffff, 0x10000};
    StringBuilder text = new StringBuilder();
    for (int length = random.nextInt(4); length >= 0; length--) {
      text.appendCodePoint(
          random.nextBoolean()
              ? interesting[random.nextInt(interesting.length)]
              : 0x10000 + random.nextInt(0x100000));
    }
    return text.toString();
  }

  @Test
  void refusesLoneSurrogatesInEveryText() {
    for (String bad : List.of("\ud800", "a\udc00b", "\udc00\ud800", "x\ud83c")) {
      assertThatThrownBy(() -> CheckpointMetadata.builder(bad, "").build())
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("lone surrogate");
      assertThatThrownBy(() -> CheckpointMetadata.builder("", bad).build())
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> builder().custom(bad, "").build())
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> builder().custom("", bad).build())
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void isNotChangedByTheMapItWasMadeOf() {
    Map<String, String> entries = new HashMap<>(Map.of("a", "1"));
    CheckpointMetadata metadata = builder().custom(entries).build();
    entries.put("b", "2");

    assertThat(metadata.custom()).containsOnlyKeys("a");
    assertThatThrownBy(() -> metadata.custom().put("c", "3"))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @ParameterizedTest
  @ValueSource(
      longs = {
        0,
        1,
        999_999,
        1_000_000,
        1_700_000_000_123_456L,
        Long.MAX_VALUE,
        Long.MIN_VALUE,
        -1
      })
  void tellsTheTimeForEveryUnsignedValue(long micros) {
    Instant at = builder().createdAtMicros(micros).build().createdAt();

    BigInteger back =
        BigInteger.valueOf(at.getEpochSecond())
            .multiply(BigInteger.valueOf(1_000_000))
            .add(BigInteger.valueOf(at.getNano() / 1_000));
    assertThat(back).isEqualTo(new BigInteger(Long.toUnsignedString(micros)));
  }
}
