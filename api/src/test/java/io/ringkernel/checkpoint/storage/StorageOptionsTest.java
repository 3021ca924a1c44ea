package io.ringkernel.checkpoint.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.error.InvalidOptionException;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StorageOptionsTest {
  @ParameterizedTest
  @CsvSource({
    "file:///var/lib/sim, file, ///var/lib/sim",
    "file:/a b/c, file, /a b/c",
    "FILE:x, file, x",
    "memory:, memory, ''",
    "s3://bucket/a:b, s3, //bucket/a:b",
    "a+b-c.9:x, a+b-c.9, x",
    "file:/a%20b%2Fc, file, /a b/c",
    "file:/%C3%BC, file, /ü",
    "file:/100%25, file, /100%",
    "file:/ü, file, /ü",
    "file:/x?, file, /x",
  })
  void takesAUriApart(String uri, String scheme, String location) {
    StorageOptions options = StorageOptions.parse(uri);

    assertThat(options.scheme()).isEqualTo(scheme);
    assertThat(options.location()).isEqualTo(location);
    assertThat(options.parameters()).isEmpty();
  }

  @Test
  void decodesParameters() {
    StorageOptions options = StorageOptions.parse("s3://b?region=eu%2Dwest&a%20b=c=d&flag&e=&q=?");

    assertThat(options.location()).isEqualTo("//b");
    assertThat(options.parameters())
        .isEqualTo(Map.of("region", "eu-west", "a b", "c=d", "flag", "", "e", "", "q", "?"));
  }

  @Test
  void aPercentInTheLocationIsNoQuestionMark() {
    StorageOptions options = StorageOptions.parse("file:/a%3Fb%26c?x=%3D");

    assertThat(options.location()).isEqualTo("/a?b&c");
    assertThat(options.parameters()).isEqualTo(Map.of("x", "="));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ":", ":x", "/var/lib/sim", "9p:x", "a b:x", "ü:x", "no-colon"})
  void refusesWhatHasNoScheme(String uri) {
    assertThatThrownBy(() -> StorageOptions.parse(uri))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessage(
            "option 'store': '%s' has no scheme; write it as file:/path, gs://bucket/prefix or"
                + " s3://bucket/prefix",
            uri);
  }

  @ParameterizedTest
  @ValueSource(strings = {"%", "%4", "%zz", "%-1", "a%", "%é0", "%4é"})
  void refusesBadEscapes(String escape) {
    assertThatThrownBy(() -> StorageOptions.parse("file:" + escape))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessageContaining("option 'store'")
        .hasMessageContaining("%25");
    assertThatThrownBy(() -> StorageOptions.parse("file:/?name=" + escape))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessageContaining("option 'name'");
    assertThatThrownBy(() -> StorageOptions.parse("file:/?" + escape + "=v"))
        .isInstanceOf(InvalidOptionException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"%ff", "%C3", "%ed%a0%80", "%c0%80"})
  void refusesEscapesThatAreNotUtf8(String escape) {
    assertThatThrownBy(() -> StorageOptions.parse("file:/" + escape))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessageContaining("not UTF-8");
  }

  @Test
  void refusesALoneSurrogateInsteadOfChangingIt() {
    assertThatThrownBy(() -> StorageOptions.parse("file:/a\ud800"))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessageContaining("surrogate");
  }

  @Test
  void refusesAParameterGivenTwiceOrWithoutAName() {
    assertThatThrownBy(() -> StorageOptions.parse("memory:?a=1&%61=2"))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessage("option 'a': it is given twice");
    for (String uri : List.of("memory:?=1", "memory:?a&", "memory:?&")) {
      assertThatThrownBy(() -> StorageOptions.parse(uri))
          .isInstanceOf(InvalidOptionException.class)
          .hasMessageContaining("no name");
    }
  }

  @Test
  void refusesUnknownParametersByName() {
    StorageOptions options = StorageOptions.parse("file:/x?fsync=no&fysnc=yes");
    Set<String> known = new LinkedHashSet<>(List.of("fsync", "mode"));

    assertThatThrownBy(() -> options.requireOnly(known))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessage("option 'fysnc': it is unknown to 'file'; known: fsync, mode")
        .satisfies(e -> assertThat(((InvalidOptionException) e).option()).isEqualTo("fysnc"));
    StorageOptions.parse("file:/x?mode=1").requireOnly(known);
  }

  @Test
  void printsParametersRedacted() {
    assertThat(StorageOptions.parse("s3://b?secret=hunter2&key=AKIA"))
        .hasToString("s3://b?key=REDACTED&secret=REDACTED");
    assertThat(StorageOptions.parse("memory:x")).hasToString("memory:x");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "s3://b?secret=hunter2%zz",
        "s3://b?secret=hunter2%ff",
        "s3://b?secret=hunter2&secret=hunter2",
        "s3//b?secret=hunter2",
        "s3://b?secret=hunter2&x=\ud800hunter2",
        "s3://b?secret=hunter2&=hunter2",
      })
  void noErrorTellsASecret(String uri) {
    assertThatThrownBy(() -> StorageOptions.parse(uri))
        .isInstanceOf(InvalidOptionException.class)
        .satisfies(
            e -> {
              for (Throwable t = e; t != null; t = t.getCause()) {
                assertThat(t.toString()).doesNotContain("hunter2");
              }
            });
  }

  @Test
  void isNotChangedByTheMapItWasMadeOf() {
    Map<String, String> parameters = new HashMap<>(Map.of("a", "1"));
    StorageOptions options = new StorageOptions("x", "", parameters);
    parameters.clear();

    assertThat(options.parameters()).isEqualTo(Map.of("a", "1"));
    assertThatThrownBy(() -> options.parameters().clear())
        .isInstanceOf(UnsupportedOperationException.class);
  }
}
