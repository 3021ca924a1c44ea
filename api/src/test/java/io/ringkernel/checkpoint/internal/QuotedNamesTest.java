package io.ringkernel.checkpoint.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class QuotedNamesTest {
  @Test
  void namesSomeAndCountsTheOthers() {
    List<String> names = List.of("a", "b", "c");

    assertThat(QuotedNames.of(names, 1)).isEqualTo("'a' and 2 more");
    assertThat(QuotedNames.of(names, 2)).isEqualTo("'a', 'b' and 1 more");
    assertThat(QuotedNames.of(names, 3)).isEqualTo("'a', 'b', 'c'");
    assertThat(QuotedNames.of(names)).isEqualTo("'a', 'b', 'c'");
    assertThat(QuotedNames.of(List.of(), 3)).isEmpty();
  }
}
