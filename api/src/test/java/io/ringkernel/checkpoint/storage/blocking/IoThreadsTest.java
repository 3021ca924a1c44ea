package io.ringkernel.checkpoint.storage.blocking;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class IoThreadsTest {
  private static final int MOST = 4;
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** They end when they are stopped, not since they have nothing to do. */
  private final IoThreads threads = new IoThreads("test-io", MOST, Duration.ofDays(1));

  @Test
  void runsEveryTaskOnAFewDaemonThreadsOfItsName() throws InterruptedException {
    AtomicInteger done = new AtomicInteger();
    Set<Thread> seen = ConcurrentHashMap.newKeySet();
    for (int i = 0; i < 10_000; i++) {
      threads.execute(
          () -> {
            seen.add(Thread.currentThread());
            done.incrementAndGet();
          });
    }
    threads.stop();
    threads.ended().block(PATIENCE);
    assertThat(done).hasValue(10_000);
    assertThat(seen)
        .hasSizeBetween(1, MOST)
        .allMatch(thread -> thread.isDaemon() && thread.getName().startsWith("test-io-"));
    for (Thread thread : seen) {
      thread.join(PATIENCE.toMillis());
      assertThat(thread.isAlive()).as(thread.getName()).isFalse();
    }
  }

  @Test
  void runsAsManyAtOnceAsThereAreThreads() throws InterruptedException {
    CountDownLatch all = new CountDownLatch(MOST);
    for (int i = 0; i < MOST; i++) {
      threads.execute(
          () -> {
            all.countDown();
            awaitAll(all);
          });
    }
    assertThat(all.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    threads.stop();
    threads.ended().block(PATIENCE);
  }

  private static void awaitAll(CountDownLatch all) {
    try {
      assertThat(all.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void leavesNoTaskToAThreadThatEndsAtThatMoment() throws InterruptedException {
    IoThreads impatient = new IoThreads("test-io", 1, Duration.ZERO);
    for (int i = 0; i < 20_000; i++) {
      CountDownLatch done = new CountDownLatch(1);
      impatient.execute(done::countDown);
      assertThat(done.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).as("task %s", i).isTrue();
    }
    impatient.stop();
    impatient.ended().block(PATIENCE);
  }

  @Test
  void goesOnAfterATaskThatThrowsOrIsInterrupted() {
    AtomicInteger caught = new AtomicInteger();
    AtomicInteger clean = new AtomicInteger();
    for (int i = 0; i < 50; i++) {
      threads.execute(
          () -> {
            clean.addAndGet(Thread.currentThread().isInterrupted() ? 0 : 1);
            Thread.currentThread().setUncaughtExceptionHandler((t, e) -> caught.incrementAndGet());
            Thread.currentThread().interrupt();
            throw new IllegalStateException("from a callback");
          });
    }
    threads.stop();
    threads.ended().block(PATIENCE);
    assertThat(clean).hasValue(50);
    assertThat(caught).hasValue(50);
  }

  @Test
  void endsAtOnceWhenNothingWasEverRun() {
    threads.stop();
    threads.ended().block(PATIENCE);
  }

  @Test
  void doesNotMakeOneOfItsThreadsWaitForItself() {
    CompletableFuture<Boolean> ended = new CompletableFuture<>();
    threads.execute(
        () -> {
          threads.stop();
          threads.ended().block(PATIENCE);
          ended.complete(true);
        });
    assertThat(ended).succeedsWithin(PATIENCE);
    threads.ended().block(PATIENCE);
  }
}
