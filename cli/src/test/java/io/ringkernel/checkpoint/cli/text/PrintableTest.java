package io.ringkernel.checkpoint.cli.text;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.internal.Unprintable;
import org.junit.jupiter.api.Test;

class PrintableTest {
  @Test
  void leavesWhatATerminalOnlyShows() {
    assertThat(Printable.of("поле давления, ünïcödé, 気圧, 🚀 e\u0301 \\ \" %"))
        .isEqualTo("поле давления, ünïcödé, 気圧, 🚀 e\u0301 \\ \" %");
  }

  @Test
  void escapesWhatATerminalActsOn() {
    assertThat(Printable.of("\u001b[2J\u0007a\rb\nc\td\u007f\u009b31m\u0000"))
        .isEqualTo("\\u{1b}[2J\\u{7}a\\rb\\nc\\td\\u{7f}\\u{9b}31m\\u{0}");
  }

  @Test
  void escapesWhatHidesOrReversesText() {
    assertThat(Printable.of("a\u202eb\u200bc\u2028d\ufeffe\ud800f"))
        .isEqualTo("a\\u{202e}b\\u{200b}c\\u{2028}d\\u{feff}e\\u{d800}f");
  }

  @Test
  void leavesNothingHarmfulOfAnyCodePoint() {
    for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
      assertThat(Printable.of(Character.toString(c)).codePoints()).noneMatch(Unprintable::is);
    }
  }

  @Test
  void cutsWhatIsTooLong() {
    assertThat(Printable.of("abcdefgh", 8)).isEqualTo("abcdefgh");
    assertThat(Printable.of("abcdefghi", 8)).isEqualTo("abcde...");
    assertThat(Printable.of("気圧気圧気圧", 8)).isEqualTo("気圧...");
    assertThat(Printable.of("\u001b\u001b\u001b", 8)).isEqualTo("\\u{1b...");
  }

  @Test
  void countsColumnsAsATerminalDoes() {
    assertThat(Printable.width("abc")).isEqualTo(3);
    assertThat(Printable.width("気圧")).isEqualTo(4);
    assertThat(Printable.width("e\u0301")).isEqualTo(1);
    assertThat(Printable.width("🚀")).isEqualTo(2);
  }
}
