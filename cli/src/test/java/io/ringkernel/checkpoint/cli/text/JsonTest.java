package io.ringkernel.checkpoint.cli.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JsonTest {
  @Test
  void writesEveryKindOfValue() {
    Json json =
        new Json()
            .put("text", "a\"b\\c")
            .put("number", 1L << 40)
            .put("none", null)
            .put("yes", true)
            .put("list", Arrays.asList(1, null, "x"))
            .put("map", Map.of("k", "v"))
            .put("object", new Json().put("half", 0.5))
            .unsigned("all-bits", -1);

    assertThat(json)
        .hasToString(
            "{\"text\":\"a\\\"b\\\\c\",\"number\":1099511627776,\"none\":null,\"yes\":true,"
                + "\"list\":[1,null,\"x\"],\"map\":{\"k\":\"v\"},\"object\":{\"half\":0.5},"
                + "\"all-bits\":\"18446744073709551615\"}");
  }

  @Test
  void escapesWhatATerminalActsOn() {
    assertThat(Json.text("\u001b[31m\n\u009b\u202e気圧\ud83d\ude80\ud800"))
        .isEqualTo("\"\\u001b[31m\\u000a\\u009b\\u202e気圧🚀\\ud800\"");
  }

  @Test
  void refusesWhatJsonCanNotHold() {
    assertThatIllegalArgumentException().isThrownBy(() -> Json.text(Double.NaN));
    assertThatIllegalArgumentException().isThrownBy(() -> Json.text(new Object()));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Json().put("a", 1).put("a", 2))
        .withMessage("two members named a");
  }

  @Test
  void writesAnEmptyListAndAnEmptyObject() {
    assertThat(Json.text(List.of())).isEqualTo("[]");
    assertThat(new Json()).hasToString("{}");
  }
}
