package io.ringkernel.checkpoint.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.error.ClosedException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

class LifecycleTest {
  private final Lifecycle lifecycle = new Lifecycle();

  @Test
  void isNotOverForASecondWhoEndsItWhileTheFirstStillCancels() {
    AtomicBoolean over = new AtomicBoolean();
    AtomicBoolean cancelled = new AtomicBoolean();
    Mono<Void> work =
        Mono.<Void>never()
            .doOnCancel(
                () -> {
                  lifecycle.end().subscribe(nothing -> {}, e -> {}, () -> over.set(true));
                  assertThat(over).isFalse();
                  cancelled.set(true);
                });

    StepVerifier.create(lifecycle.guard(() -> work))
        .then(() -> StepVerifier.create(lifecycle.end()).verifyComplete())
        .verifyError(ClosedException.class);

    assertThat(cancelled).isTrue();
    assertThat(over).isTrue();
    StepVerifier.create(lifecycle.end()).verifyComplete();
  }
}
