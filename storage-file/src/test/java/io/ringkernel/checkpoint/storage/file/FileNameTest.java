package io.ringkernel.checkpoint.storage.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FileNameTest {
  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '\'',
      value = {
        "step-000100, step-000100.rkcp, step-000100",
        "Sim, Sim.rkcp, Sim",
        ".hidden, .hidden.rkcp, .hidden",
        "..., ....rkcp, ..%2E",
        "a., a..rkcp, a%2E",
        "'a ', 'a .rkcp', a%20",
        "' a', ' a.rkcp', ' a'",
        "a%b, a%25b.rkcp, a%25b",
        "'<>:\"|?*\\', %3C%3E%3A%22%7C%3F%2A%5C.rkcp, %3C%3E%3A%22%7C%3F%2A%5C",
        "con, %63on.rkcp, %63on",
        "CON.txt, %43ON.txt.rkcp, %43ON.txt",
        "'aux .b', '%61ux .b.rkcp', '%61ux .b'",
        "lpt9, %6Cpt9.rkcp, %6Cpt9",
        "console, console.rkcp, console",
        "com10, com10.rkcp, com10",
        "a.rkcp, a.rkcp.rkcp, a%2Erkcp",
        ".rkcp, .rkcp.rkcp, %2Erkcp",
        "a.RkCp, a.RkCp.rkcp, a%2ERkCp",
        "a.rkcp.b, a.rkcp.b.rkcp, a.rkcp.b",
        "~, ~.rkcp, ~"
      })
  void escapesOnlyWhatIsUnsafe(String component, String object, String directory) {
    assertThat(FileName.OBJECT.of(component)).isEqualTo(object);
    assertThat(FileName.DIRECTORY.of(component)).isEqualTo(directory);
    assertThat(FileName.OBJECT.componentOf(object)).isEqualTo(component);
    assertThat(FileName.DIRECTORY.componentOf(directory)).isEqualTo(component);
  }

  @Test
  void keepsLettersBeyondAsciiAsTheirUtf8() {
    String utf8 =
        new String(
            "\u00fc\ud83d\ude80.rkcp".getBytes(StandardCharsets.UTF_8),
            StandardCharsets.ISO_8859_1);
    assertThat(FileName.OBJECT.of("\u00fc\ud83d\ude80")).isEqualTo(utf8);
    assertThat(FileName.OBJECT.componentOf(utf8)).isEqualTo("\u00fc\ud83d\ude80");
  }

  @Test
  void givesEveryComponentAFileNameOfItsOwn() {
    String[] parts = {
      "a", "A", ".", " ", "%", "2", "E", "5", ".rkcp", "con", "\u00fc", "\\", ":", "%2E", "-"
    };
    Random random = new Random(42);
    Map<String, String> seen = new HashMap<>();
    for (int i = 0; i < 10_000; i++) {
      StringBuilder text = new StringBuilder();
      for (int j = random.nextInt(5); j >= 0; j--) {
        text.append(parts[random.nextInt(parts.length)]);
      }
      String component = text.toString();
      if (!component.equals(".") && !component.equals("..")) {
        assertReversible(component, seen);
      }
    }
  }

  private static void assertReversible(String component, Map<String, String> seen) {
    for (FileName kind : FileName.values()) {
      String fileName = kind.of(component);
      String before = seen.put(kind + fileName, component);
      boolean reversible =
          component.equals(kind.componentOf(fileName))
              && kind.isCanonical(fileName)
              && kind.candidates(component).get(0).equals(fileName)
              && (before == null || before.equals(component));
      assertThat(reversible).as("%s as %s %s", component, kind, fileName).isTrue();
    }
    assertThat(FileName.isObject(FileName.DIRECTORY.of(component))).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "a%zz.rkcp, a%zz",
    "a%2e.rkcp, a%2e",
    "a%41.rkcp, a%41",
    "my:sim.rkcp, my:sim",
    "con.rkcp, con",
    "a%.rkcp, a%",
    "a%2Fb.rkcp, a%2Fb"
  })
  void callsAFileThatWeWouldNotHaveWrittenByItsOwnName(String fileName, String component) {
    assertThat(FileName.OBJECT.isCanonical(fileName)).isFalse();
    assertThat(FileName.OBJECT.componentOf(fileName)).isEqualTo(component);
    assertThat(FileName.OBJECT.candidates(component)).hasSize(2).contains(fileName);
  }

  @Test
  void looksForNoFileThatHasAnotherName() {
    assertThat(FileName.OBJECT.componentOf("a%25.rkcp")).isEqualTo("a%");
    assertThat(FileName.OBJECT.candidates("a%25")).containsExactly("a%2525.rkcp");
  }

  @Test
  void escapesBytesThatNoNameCanHave() {
    Map<String, String> components =
        Map.of(
            "\u00ff.rkcp",
            "%FF",
            "a\n.rkcp",
            "a%0A",
            "\u00c3(.rkcp",
            "%C3(",
            "a\u007f.rkcp",
            "a%7F",
            "\u00c2\u0085.rkcp",
            "%C2%85",
            "\u0080.rkcp",
            "%80",
            "\u001f.rkcp",
            "%1F");
    components.forEach(
        (fileName, component) -> {
          assertThat(FileName.OBJECT.componentOf(fileName)).isEqualTo(component);
          assertThat(FileName.OBJECT.candidates(component)).contains(fileName);
        });
  }

  @ParameterizedTest
  @CsvSource({".rkcp", "..rkcp", "...rkcp", "a.txt", "a.RKCP", "a"})
  void knowsFilesThatAreNoObjects(String fileName) {
    assertThat(FileName.OBJECT.componentOf(fileName)).isNull();
  }

  @Test
  void leavesRoomForFilesOfOurOwn() {
    for (String own : new String[] {StoreLock.FILE_NAME, "%tmp-1"}) {
      for (FileName kind : FileName.values()) {
        assertThat(kind.isCanonical(own)).isFalse();
      }
      assertThat(FileName.OBJECT.componentOf(own)).isNull();
    }
  }
}
