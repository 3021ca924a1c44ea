package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.core.TieredStorage.Overflow;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.Disposable;

/** Who listens to what becomes of the copies, and takes long over it. */
@Timeout(60)
class TierListenerTest {
  private static final int SAVES = 4;

  @ParameterizedTest
  @EnumSource(Overflow.class)
  void aListenerThatDoesNotReturnHoldsNoCopyAndNoSaveUp(Overflow overflow)
      throws InterruptedException {
    ScriptedStorage near = new ScriptedStorage("memory:" + UUID.randomUUID());
    ScriptedStorage far = new ScriptedStorage("memory:" + UUID.randomUUID());
    Checkpointer checkpointer =
        Checkpointer.builder(TieredStorage.of(near, far).backlog(1, overflow)).build();
    Tiers tiers = checkpointer.tiers().orElseThrow();
    CountDownLatch called = new CountDownLatch(1);
    CountDownLatch mayReturn = new CountDownLatch(1);
    Disposable listening =
        tiers
            .receipts()
            .subscribe(
                receipt -> {
                  called.countDown();
                  awaitQuietly(mayReturn);
                });
    try {
      checkpointer.save(new StillKernel("held", 1)).block(LONG);
      called.await();
      StillKernel other = new StillKernel("other", 1);
      for (int step = 1; step <= SAVES; step++) {
        other.moveTo(step);
        checkpointer.save(other).block(LONG);
      }
      SaveReceipt last = checkpointer.save(new StillKernel("held", 2)).block(LONG);
      assertThat(tiers.copied(last).block(LONG).outcome()).isEqualTo(FarReceipt.Outcome.COPIED);
      tiers.settled().block(LONG);

      StillKernel restored = new StillKernel("other", 0);
      tiers.far().restoreLatest(restored).block(LONG);
      assertThat(restored.restoredStep()).isEqualTo(SAVES);
    } finally {
      mayReturn.countDown();
      listening.dispose();
      checkpointer.close().block(LONG);
      near.close().block(LONG);
      far.close().block(LONG);
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
