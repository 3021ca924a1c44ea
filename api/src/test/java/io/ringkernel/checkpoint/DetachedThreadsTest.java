package io.ringkernel.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.storage.blocking.IoThreads;
import java.net.URL;
import java.net.URLClassLoader;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

class DetachedThreadsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final ClassLoader LIBRARY = DetachedThreads.class.getClassLoader();

  private final InheritableThreadLocal<String> local = new InheritableThreadLocal<>();
  private final ClassLoader before = Thread.currentThread().getContextClassLoader();

  /** An application's, which is to be unloaded some time. */
  private final URLClassLoader application = new URLClassLoader(new URL[0], LIBRARY);

  @BeforeEach
  void callFromAnApplication() {
    Thread.currentThread().setContextClassLoader(application);
    local.set("the application's");
  }

  @AfterEach
  void goBack() {
    local.remove();
    Thread.currentThread().setContextClassLoader(before);
  }

  private record Seen(
      String name, boolean daemon, boolean nonBlocking, Object loader, Object local) {}

  private Seen look() {
    Thread thread = Thread.currentThread();
    return new Seen(
        thread.getName(),
        thread.isDaemon(),
        Schedulers.isInNonBlockingThread(),
        thread.getContextClassLoader(),
        local.get());
  }

  private Seen seenOn(Executor executor) throws Exception {
    return CompletableFuture.supplyAsync(this::look, executor).get(30, TimeUnit.SECONDS);
  }

  private Seen seenOn(Scheduler scheduler) {
    Seen seen = Mono.fromSupplier(this::look).subscribeOn(scheduler).block(PATIENCE);
    assertThat(threadsOfTheApplication()).containsExactly(Thread.currentThread());
    scheduler.dispose();
    return seen;
  }

  /** Those that would keep it: also what a scheduler starts beside its workers. */
  private Set<Thread> threadsOfTheApplication() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getContextClassLoader() == application)
        // JUnit's own, which it starts with the first test that has a limit: this, when run alone.
        .filter(thread -> !thread.getName().startsWith("junit-"))
        .collect(Collectors.toSet());
  }

  @Test
  void mayBlockAndKeepNothingOfTheirCaller() {
    assertThat(seenOn(DetachedThreads.bounded("test-bounded", 2)))
        .isEqualTo(new Seen("test-bounded-1", true, false, LIBRARY, null));
    assertThat(Thread.currentThread().getContextClassLoader()).isSameAs(application);
  }

  @Test
  void mustNotBlockAndKeepNothingOfTheirCaller() {
    assertThat(seenOn(DetachedThreads.parallel("test-parallel", 1)))
        .isEqualTo(new Seen("test-parallel-1", true, true, LIBRARY, null));
    assertThat(seenOn(DetachedThreads.single("test-single")))
        .isEqualTo(new Seen("test-single-1", true, true, LIBRARY, null));
  }

  @Test
  void endWithTheirTaskAndKeepNothingOfTheirCaller() throws Exception {
    assertThat(seenOn(task -> DetachedThreads.start("test-once", task)))
        .isEqualTo(new Seen("test-once", true, false, LIBRARY, null));
  }

  @Test
  void doInputAndOutputAndKeepNothingOfTheirCaller() throws Exception {
    IoThreads threads = new IoThreads("test-io", 1);
    assertThat(seenOn(threads)).isEqualTo(new Seen("test-io-1", true, false, LIBRARY, null));
    threads.stop();
  }
}
