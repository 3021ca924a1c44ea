package io.ringkernel.checkpoint.kernel.adapter;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import reactor.test.StepVerifier;

class UseCountTest {
  private final UseCount uses = new UseCount();

  @Test
  void isIdleOnceItIsShutAndTheLastUserHasLeft() {
    assertThat(uses.enter()).isTrue();
    assertThat(uses.enter()).isTrue();

    AtomicBoolean idle = new AtomicBoolean();
    StepVerifier.create(uses.shut().doOnTerminate(() -> idle.set(true)))
        .then(uses::leave)
        .then(() -> assertThat(uses.users()).isEqualTo(1))
        .then(() -> assertThat(idle).isFalse())
        .then(uses::leave)
        .verifyComplete();
    StepVerifier.create(uses.shut()).verifyComplete();
  }

  @Test
  void letsNobodyInOnceItIsShut() {
    StepVerifier.create(uses.shut()).verifyComplete();

    assertThat(uses.enter()).isFalse();
    assertThat(uses.users()).isZero();
  }
}
