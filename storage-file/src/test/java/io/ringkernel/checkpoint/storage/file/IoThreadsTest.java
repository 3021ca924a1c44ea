package io.ringkernel.checkpoint.storage.file;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.tck.Patience;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class IoThreadsTest {
  private final IoThreads threads = new IoThreads("test-io");

  @Test
  void runsEveryTaskOnAFewDaemonThreadsOfItsName() {
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
    threads.ended().block(Patience.LIMIT);
    assertThat(done).hasValue(10_000);
    assertThat(seen)
        .hasSizeBetween(1, IoThreads.MOST)
        .allMatch(thread -> thread.isDaemon() && thread.getName().startsWith("test-io-"));
    Patience.until("all threads are gone", () -> seen.stream().noneMatch(Thread::isAlive));
  }

  @Test
  void runsAsManyAtOnceAsThereAreThreads() throws InterruptedException {
    CountDownLatch all = new CountDownLatch(IoThreads.MOST);
    for (int i = 0; i < IoThreads.MOST; i++) {
      threads.execute(
          () -> {
            all.countDown();
            Patience.until("all have begun", () -> all.getCount() == 0);
          });
    }
    all.await();
    threads.stop();
    threads.ended().block(Patience.LIMIT);
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
    threads.ended().block(Patience.LIMIT);
    assertThat(clean).hasValue(50);
    assertThat(caught).hasValue(50);
  }

  @Test
  void endsAtOnceWhenNothingWasEverRun() {
    threads.stop();
    threads.ended().block(Patience.LIMIT);
    assertThat(threads.isOwnThread()).isFalse();
  }
}
