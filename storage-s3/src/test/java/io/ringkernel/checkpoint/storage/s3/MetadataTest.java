package io.ringkernel.checkpoint.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.error.LimitExceededException;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MetadataTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "  a  ",
        "%",
        "%41",
        "100 %",
        "\u00fc \ud83d\ude80",
        "a\r\nb: c",
        "\u0000"
      })
  void givesBackAnyText(String value) {
    Map<String, String> metadata = Metadata.of("n", Map.of("key", value));
    assertThat(metadata.get("rkcp-a-key")).matches("[!-~]+");
    assertThat(Metadata.attributesOf(metadata)).isEqualTo(Map.of("key", value));
    assertThat(Metadata.nonceOf(metadata)).isEqualTo("n");
  }

  @Test
  void takesHeadersInAnyCaseAndLeavesOthersOut() {
    Map<String, String> metadata =
        Map.of("Rkcp-Nonce", "n", "RKCP-A-key", "v%", "other", "x", "rkcp-a-b", "%zz\u00fc");
    assertThat(Metadata.nonceOf(metadata)).isEqualTo("n");
    assertThat(Metadata.attributesOf(metadata)).isEqualTo(Map.of("key", "v%", "b", "%zz\u00fc"));
  }

  @Test
  void refusesMoreThanS3Keeps() {
    Metadata.requireSmall(Map.of("a", "x".repeat(1_900)));
    assertThatThrownBy(() -> Metadata.requireSmall(Map.of("a", "\u00fc".repeat(400))))
        .isInstanceOf(LimitExceededException.class);
  }

  @Test
  void tellsVersionsApartByContentAndWriter() {
    Instant when = Instant.ofEpochSecond(7);
    ObjectVersion ours = ObjectVersion.of("\"abc-2\"", Map.of("rkcp-nonce", "n"), when);
    assertThat(ours).hasToString("abc-2.n");
    assertThat(ObjectVersion.parse("abc-2.n")).isEqualTo(ours);
    assertThat(ours.quotedEtag()).isEqualTo("\"abc-2\"");
    assertThat(ObjectVersion.of("\"abc\"", Map.of(), when)).hasToString("abc.at-7");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "1", ".", "a\r\nb.n", "\".n", "\u00fc.n"})
  void takesWhatIsNoVersionForOneThatNeverWas(String text) {
    assertThat(ObjectVersion.parse(text).quotedEtag()).isEqualTo("\"never\"");
  }
}
