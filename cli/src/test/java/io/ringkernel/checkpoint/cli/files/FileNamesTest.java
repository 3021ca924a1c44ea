package io.ringkernel.checkpoint.cli.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FileNamesTest {
  private final FileNames names = new FileNames(StandardCharsets.UTF_8);

  @Test
  void leavesReadableNamesAsTheyAre() {
    assertThat(component("pressure_a")).isEqualTo("pressure_a");
    assertThat(component("a name with spaces")).isEqualTo("a name with spaces");
    assertThat(component("поле давления")).isEqualTo("поле давления");
    assertThat(component("v1.2-final~x")).isEqualTo("v1.2-final~x");
  }

  @Test
  void makesOneComponentOfAnyName() {
    assertThat(component("../x")).isEqualTo("%2E.%2Fx");
    assertThat(component("/etc/passwd")).isEqualTo("%2Fetc%2Fpasswd");
    assertThat(component("..")).isEqualTo("%2E.");
    assertThat(component("C:\\x")).isEqualTo("C%3A%5Cx");
    assertThat(component("")).isEqualTo("%");
    assertThat(component("-rf")).isEqualTo("%2Drf");
    assertThat(component("50%")).isEqualTo("50%25");
    assertThat(component("a\n\u001b\u202e")).isEqualTo("a%0A%1B%E2%80%AE");
  }

  @Test
  void tellsTwoLongNamesApart() {
    String first = names.component("x".repeat(300) + "1", "0000000000000001");
    String second = names.component("x".repeat(300) + "2", "0000000000000002");

    assertThat(first).isEqualTo("x".repeat(200) + "%~0000000000000001");
    assertThat(second).isNotEqualTo(first);
  }

  @Test
  void neverBreaksACharacterWhenItCuts() {
    String cut = names.component("気".repeat(100), "id");

    assertThat(cut).isEqualTo("気".repeat(66) + "%~id");
  }

  @Test
  void escapesWhatTheSystemCanNotHold() {
    FileNames ascii = new FileNames(StandardCharsets.US_ASCII);

    assertThat(ascii.component("ü", "id")).isEqualTo("%C3%BC");
    assertThat(ascii.component("🚀", "id")).isEqualTo("%F0%9F%9A%80");
  }

  @Test
  void isReversible() {
    Random random = new Random(1);
    Map<String, String> seen = new HashMap<>();
    for (int i = 0; i < 20_000; i++) {
      String name = randomName(random);
      String component = component(name);
      String other = seen.put(component, name);

      assertThat(other == null || other.equals(name)).as(component).isTrue();
      assertThat(component).doesNotContain("/", "\\", "\u0000").isNotIn(".", "..", "");
      assertThat(reversed(component)).isEqualTo(name);
    }
  }

  private String component(String name) {
    return names.component(name, "id");
  }

  private static String randomName(Random random) {
    StringBuilder name = new StringBuilder();
    int length = random.nextInt(6);
    for (int i = 0; i < length; i++) {
      int c = random.nextInt(random.nextBoolean() ? 0x80 : 0x11_0000);
      name.appendCodePoint(Character.getType(c) == Character.SURROGATE ? '/' : c);
    }
    return name.toString();
  }

  private static String reversed(String component) {
    if (component.equals("%")) {
      return "";
    }
    byte[] bytes = component.getBytes(StandardCharsets.UTF_8);
    byte[] raw = new byte[bytes.length];
    int length = 0;
    for (int i = 0; i < bytes.length; i++) {
      boolean escape = bytes[i] == '%';
      String hex = escape ? new String(bytes, i + 1, 2, StandardCharsets.US_ASCII) : "";
      raw[length++] = escape ? (byte) Integer.parseInt(hex, 16) : bytes[i];
      i += escape ? 2 : 0;
    }
    return new String(raw, 0, length, StandardCharsets.UTF_8);
  }
}
