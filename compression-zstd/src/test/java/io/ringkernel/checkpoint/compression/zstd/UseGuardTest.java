package io.ringkernel.checkpoint.compression.zstd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class UseGuardTest {
  private final UseGuard guard = new UseGuard("thing");

  @Test
  void letsOneAfterTheOtherIn() {
    guard.enter();
    guard.leave();
    guard.enter();
    guard.leave();
    assertThat(guard.close()).isTrue();
  }

  @Test
  void refusesASecondUserAtTheSameTime() {
    guard.enter();
    assertThatThrownBy(guard::enter)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("this thing is in use by another thread");
  }

  @Test
  void refusesToCloseDuringUseAndClosesAfterIt() {
    guard.enter();
    assertThatThrownBy(guard::close)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("this thing is in use by another thread");
    guard.leave();
    assertThat(guard.close()).isTrue();
  }

  @Test
  void freesOnceAndRefusesUseAfterwards() {
    assertThat(guard.close()).isTrue();
    assertThat(guard.close()).isFalse();
    assertThatThrownBy(guard::enter)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("this thing is closed");
  }
}
