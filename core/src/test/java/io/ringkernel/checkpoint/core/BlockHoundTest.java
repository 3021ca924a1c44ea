package io.ringkernel.checkpoint.core;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import reactor.blockhound.BlockingOperationError;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** BlockHound is at work in these tests, so that their silence means something. */
class BlockHoundTest {
  @Test
  void refusesABlockingCallOnANonBlockingThread() {
    Mono<Void> blocking =
        Mono.<Void>fromRunnable(BlockHoundTest::sleep).subscribeOn(Schedulers.parallel());

    assertThatThrownBy(() -> blocking.block(Duration.ofSeconds(30)))
        .hasRootCauseInstanceOf(BlockingOperationError.class);
  }

  private static void sleep() {
    try {
      Thread.sleep(1);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
