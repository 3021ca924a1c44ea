package io.ringkernel.checkpoint.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What is asked for stays asked for, in whatever order. */
class SaveRequestTest {
  @Test
  void aNameKeepsWhatWasAskedForBefore() {
    SaveRequest request =
        SaveRequest.defaults()
            .onlyIfAbsent()
            .savepoint(true)
            .tags(List.of("good"))
            .base(BaseChoice.full())
            .stallBudget(TestStates.LONG, OverBudget.REFUSE)
            .named("x");

    assertThat(request.name()).contains("x");
    assertThat(request.isOnlyIfAbsent()).isTrue();
    assertThat(request.isSavepoint()).isTrue();
    assertThat(request.tags()).containsExactly("good");
    assertThat(request.base()).contains(BaseChoice.full());
    assertThat(request.stallBudget()).isNotNull();
  }

  @Test
  void aCopysNameKeepsWhatWasAskedForBefore() {
    CopyRequest request = CopyRequest.defaults().onlyIfAbsent().flattened().named("x");

    assertThat(request.name()).contains("x");
    assertThat(request.isOnlyIfAbsent()).isTrue();
    assertThat(request.isFlattened()).isTrue();
  }
}
