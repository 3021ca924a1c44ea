package io.ringkernel.checkpoint.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.error.InvalidNameException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StorageNamesTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "a",
        "sim/step-000100",
        "a/b/c",
        "...",
        ".hidden",
        "a..b",
        "ends with a dot.",
        "CON",
        "back\\slash",
        "%2e%2e",
        "ünïcödé/\ud83c\udf0a",
        " ",
        "~",
        "-rf",
      })
  void acceptsNames(String name) {
    assertThat(StorageNames.requireValid(name)).isSameAs(name);
    assertThat(StorageNames.requireValidPrefix(name)).isSameAs(name);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/absolute",
        "a/",
        "a//b",
        "/",
        "..",
        "../x",
        "a/../b",
        "a/..",
        ".",
        "./a",
        "a/./b",
        "a/."
      })
  void refusesNamesThatAreNoPathOfComponents(String name) {
    assertThatThrownBy(() -> StorageNames.requireValid(name))
        .isInstanceOf(InvalidNameException.class)
        .hasMessageStartingWith("invalid name '" + name + "': it has a")
        .hasMessageContaining("component");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\0", "a\nb", "\u001b[31mred", "tab\t", "\u007f", "\u0085", "a/\u0000/b"})
  void refusesControlCharacters(String name) {
    assertThatThrownBy(() -> StorageNames.requireValid(name))
        .isInstanceOf(InvalidNameException.class)
        .hasMessageContaining("control character")
        .message()
        .doesNotContain(name)
        .contains("\\u00");
    assertThatThrownBy(() -> StorageNames.requireValidPrefix(name))
        .isInstanceOf(InvalidNameException.class);
  }

  @ParameterizedTest
  @ValueSource(ints = {0xd800, 0xdbff, 0xdc00, 0xdfff})
  void refusesLoneSurrogates(int surrogate) {
    String name = "a" + (char) surrogate;

    assertThatThrownBy(() -> StorageNames.requireValid(name))
        .isInstanceOf(InvalidNameException.class)
        .hasMessageContaining("lone surrogate")
        .hasMessageContaining(String.format("\\u%04x", surrogate));
  }

  @Test
  void refusesTheEmptyNameButNotTheEmptyPrefix() {
    assertThatThrownBy(() -> StorageNames.requireValid(""))
        .isInstanceOf(InvalidNameException.class)
        .hasMessage("invalid name '': it is empty");
    assertThat(StorageNames.requireValidPrefix("")).isEmpty();
  }

  @Test
  void countsTheLimitInBytesOfUtf8() {
    StorageNames.requireValid("x".repeat(900));
    StorageNames.requireValid("ü".repeat(450));
    StorageNames.requireValid("\ud83c\udf0a".repeat(225));

    for (String tooLong : new String[] {"x".repeat(901), "ü".repeat(450) + "x"}) {
      assertThatThrownBy(() -> StorageNames.requireValid(tooLong))
          .isInstanceOf(InvalidNameException.class)
          .hasMessageEndingWith("...': it is longer than 900 bytes of UTF-8");
    }
  }

  @Test
  void showsAHugeNameShortened() {
    assertThatThrownBy(() -> StorageNames.requireValid("x".repeat(10_000_000)))
        .isInstanceOf(InvalidNameException.class)
        .message()
        .hasSizeLessThan(300);
  }

  @ParameterizedTest
  @ValueSource(strings = {"sim/", "sim/st", ".", "..", "a/.", "a/.."})
  void aPrefixMayEndAnywhere(String prefix) {
    assertThat(StorageNames.requireValidPrefix(prefix)).isSameAs(prefix);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/a", "../", "a/../b", "a//", "./x"})
  void refusesAPrefixThatNoNameBeginsWith(String prefix) {
    assertThatThrownBy(() -> StorageNames.requireValidPrefix(prefix))
        .isInstanceOf(InvalidNameException.class);
  }
}
