package io.ringkernel.checkpoint.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.error.InvalidNameException;
import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.storage.StorageNames;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StoreNamesTest {
  @ParameterizedTest
  @CsvSource({
    "fdtd, fdtd",
    "sim-42.v2, sim-42.v2",
    "Wave, _wave",
    "a_b, a__b",
    "'', ~",
    "., ~2e",
    ".., ~2e~2e",
    ".hidden, ~2ehidden",
    "dot., dot~2e",
    "a/b, a~2fb",
    "é, ~c3~a9",
    "~, ~7e",
    "a b, a~20b",
  })
  void aKernelIdBecomesOneReadableComponent(String kernelId, String key) {
    assertThat(StoreNames.key(kernelId)).isEqualTo(key);
  }

  @Test
  void aLongKernelIdBecomesItsHash() {
    assertThat(StoreNames.key("a".repeat(180))).isEqualTo("a".repeat(180));
    assertThat(StoreNames.key("a".repeat(181))).matches("~~[0-9a-f]{64}");
    assertThat(StoreNames.key("é".repeat(1000))).matches("~~[0-9a-f]{64}");
    assertThat(StoreNames.key("a".repeat(181))).isNotEqualTo(StoreNames.key("a".repeat(182)));
  }

  @Test
  void noTwoKernelIdsShareAComponentEvenWhereCaseDoesNotCount() {
    Random random = new Random(1);
    Map<String, String> seen = new HashMap<>();
    List<String> some =
        List.of("sim", "SIM", "Sim", "_sim", "__sim", "~73im", "s~69m", "~", "", "~~");
    Stream.concat(some.stream(), Stream.generate(() -> text(random)).limit(50_000))
        .distinct()
        .forEach(
            id -> {
              String key = StoreNames.key(id);
              String other = seen.put(key.toLowerCase(Locale.ROOT), id);
              assertThat(other).describedAs("%s", key).isNull();
              StorageNames.requireValid(StoreNames.head(id));
              if (!key.startsWith("~~")) {
                assertThat(StoreNames.kernelId(StoreNames.head(id))).contains(id);
              }
            });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "~", "_", "~4", "~4g", "~41", "~gg", "_~", "A", "a~", "~c3", "é", ".a", "~~0a", ""
      })
  void onlyAHeadsOwnNameTellsAKernel(String key) {
    Optional<String> kernelId = StoreNames.kernelId(StoreNames.HEADS + key);

    assertThat(kernelId).isEqualTo(key.equals("~") ? Optional.of("") : Optional.empty());
  }

  private static String text(Random random) {
    String alphabet =
        "aAbB_~.-/ 0é€\uD83D\uDE00"
            .codePoints()
            .distinct()
            .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
            .toString();
    int[] points = alphabet.codePoints().toArray();
    StringBuilder text = new StringBuilder();
    for (int n = random.nextInt(9); n > 0; n--) {
      text.appendCodePoint(points[random.nextInt(points.length)]);
    }
    return text.toString();
  }

  @Test
  void madeNamesSortByStepUnsigned() {
    ObjectId id = new ObjectId("a".repeat(32));

    assertThat(StoreNames.made("k", 7, id)).isEqualTo("k/00000000000000000007-" + id);
    assertThat(StoreNames.made("k", -1, id)).isEqualTo("k/18446744073709551615-" + id);
  }

  @ParameterizedTest
  @ValueSource(strings = {".rkcp", ".rkcp/x", ".RKCP/x", ".Rkcp", "", "a//b", "../a", "a\n"})
  void refusesNamesThatACheckpointCanNotHave(String name) {
    assertThatThrownBy(() -> StoreNames.requireUserName(name))
        .isInstanceOf(InvalidNameException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {".rkcpx", "a/.rkcp", ".rkc", "sim/step-000100"})
  void allowsAllOthers(String name) {
    assertThat(StoreNames.requireUserName(name)).isEqualTo(name);
  }
}
