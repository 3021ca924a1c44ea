package io.ringkernel.checkpoint.storage.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class EarlyForceTest {
  private final Queue<Runnable> tasks = new ArrayDeque<>();
  private final AtomicInteger forces = new AtomicInteger();

  private EarlyForce counting() {
    return new EarlyForce(forces::incrementAndGet, tasks::add);
  }

  @Test
  void leavesAShortFileToTheLastForce() {
    EarlyForce early = counting();
    early.written(EarlyForce.EACH - 1);
    assertThat(tasks).isEmpty();
    early.written(1);
    assertThat(tasks).hasSize(1);
  }

  @Test
  void hasOneForceAtATime() throws IOException {
    EarlyForce early = counting();
    early.written(EarlyForce.EACH);
    early.written(EarlyForce.EACH);
    assertThat(tasks).hasSize(1);
    tasks.remove().run();
    assertThat(forces).hasValue(1);
    early.written(1);
    assertThat(tasks).hasSize(1);
    tasks.remove().run();
    assertThat(forces).hasValue(2);
    early.settle();
  }

  @Test
  void doesNotWaitForAThreadThatMayNeverCome() throws IOException {
    EarlyForce early = counting();
    early.written(EarlyForce.EACH);
    early.settle();
    tasks.remove().run();
    assertThat(forces).as("a force after the file was settled").hasValue(0);
  }

  @Test
  void waitsForAForceUnderWay() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    EarlyForce early =
        new EarlyForce(
            () -> {
              begun.countDown();
              awaitQuietly(goOn);
              forces.incrementAndGet();
            },
            tasks::add);
    early.written(EarlyForce.EACH);
    Thread disk = new Thread(tasks.remove());
    disk.start();
    begun.await();
    Thread settling =
        new Thread(
            () -> {
              assertThatCode(early::settle).doesNotThrowAnyException();
              forces.compareAndSet(1, 2);
            });
    settling.start();
    while (settling.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
    assertThat(forces).hasValue(0);
    goOn.countDown();
    settling.join();
    assertThat(forces).as("settled after the force").hasValue(2);
    disk.join();
  }

  @Test
  void tellsAFailureOnce() throws IOException {
    IOException full = new IOException("No space left on device");
    EarlyForce early =
        new EarlyForce(
            () -> {
              throw full;
            },
            tasks::add);
    early.written(EarlyForce.EACH);
    tasks.remove().run();
    assertThatThrownBy(early::settle).isSameAs(full);
    early.settle();
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
