package io.ringkernel.checkpoint.storage.blocking;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class SerialWorkTest {
  private final Queue<Runnable> handedOver = new ArrayDeque<>();

  @Test
  void doesTheStepOnTheThreadsAndNotOnTheCallers() {
    AtomicInteger steps = new AtomicInteger();
    SerialWork work = new SerialWork(handedOver::add, steps::incrementAndGet);

    work.changed();
    work.changed();
    assertThat(steps).hasValue(0);
    assertThat(handedOver).as("both changes are one task").hasSize(1);

    handedOver.remove().run();
    assertThat(steps).hasValue(1);

    work.changed();
    assertThat(handedOver).hasSize(1);
  }

  @Test
  void looksAgainAtWhatChangedDuringTheStep() {
    AtomicInteger steps = new AtomicInteger();
    AtomicReference<SerialWork> self = new AtomicReference<>();
    SerialWork work =
        new SerialWork(
            handedOver::add,
            () -> {
              if (steps.incrementAndGet() == 1) {
                self.get().changed();
              }
            });
    self.set(work);

    work.changed();
    handedOver.remove().run();

    assertThat(steps).hasValue(2);
    assertThat(handedOver).isEmpty();
  }

  @Test
  void needsNoThreadOnceItHasEnded() {
    AtomicInteger late = new AtomicInteger();
    AtomicReference<SerialWork> self = new AtomicReference<>();
    SerialWork work =
        new SerialWork(
            handedOver::add,
            () -> {
              if (self.get().hasEnded()) {
                late.incrementAndGet();
              } else {
                self.get().end();
              }
            });
    self.set(work);
    work.changed();
    handedOver.remove().run();

    work.changed();

    assertThat(late).hasValue(1);
    assertThat(handedOver).isEmpty();
  }

  @Test
  void losesNoChangeAndIsNeverDoneTwiceAtOnce() throws Exception {
    int tellers = 4;
    int changes = 20_000;
    AtomicInteger told = new AtomicInteger();
    AtomicInteger inside = new AtomicInteger();
    AtomicInteger together = new AtomicInteger();
    AtomicInteger seen = new AtomicInteger();
    CountDownLatch all = new CountDownLatch(1);
    ExecutorService threads = Executors.newFixedThreadPool(tellers + 2);
    try {
      SerialWork work =
          new SerialWork(
              threads,
              () -> {
                if (inside.incrementAndGet() > 1) {
                  together.incrementAndGet();
                }
                seen.set(told.get());
                inside.decrementAndGet();
                if (seen.get() == tellers * changes) {
                  all.countDown();
                }
              });
      for (int teller = 0; teller < tellers; teller++) {
        threads.execute(
            () -> {
              for (int change = 0; change < changes; change++) {
                told.incrementAndGet();
                work.changed();
              }
            });
      }
      assertThat(all.await(60, TimeUnit.SECONDS)).as("the last change was seen").isTrue();
    } finally {
      threads.shutdownNow();
    }
    assertThat(together).hasValue(0);
  }
}
