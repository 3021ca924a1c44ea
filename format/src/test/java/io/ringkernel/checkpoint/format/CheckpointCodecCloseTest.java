package io.ringkernel.checkpoint.format;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.tck.Patience;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Ending a thread may block, and does so here: a codec can be closed anywhere all the same. */
class CheckpointCodecCloseTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String DECORATOR = "slow-shutdown";

  private final AtomicInteger ended = new AtomicInteger();

  @BeforeEach
  void makeShutdownSlow() {
    Schedulers.parallel();
    Schedulers.addExecutorServiceDecorator(DECORATOR, (scheduler, threads) -> slow(threads));
  }

  @AfterEach
  void makeShutdownNormal() {
    Schedulers.removeExecutorServiceDecorator(DECORATOR);
  }

  private ScheduledExecutorService slow(ScheduledExecutorService threads) {
    return (ScheduledExecutorService)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {ScheduledExecutorService.class},
            (proxy, method, arguments) -> {
              boolean shutdown = method.getName().equals("shutdownNow");
              if (shutdown) {
                Thread.sleep(1);
              }
              Object result = call(threads, method, arguments);
              if (shutdown) {
                ended.incrementAndGet();
              }
              return result;
            });
  }

  private static Object call(Object target, Method method, Object[] arguments) throws Throwable {
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  @Test
  void canBeClosedOnAThreadThatMustNotBlock() {
    CheckpointCodec codec = CheckpointCodec.builder().parallelism(2).build();

    // BlockHound fails what blocks on a thread of this scheduler.
    Mono.fromRunnable(codec::close).subscribeOn(Schedulers.parallel()).block(PATIENCE);

    Patience.until("both threads have ended", () -> ended.get() == 2);
  }

  @Test
  void isClosedWhenCloseReturnsWhereTheCallerMayBlock() {
    CheckpointCodec codec = CheckpointCodec.builder().parallelism(2).build();

    codec.close();

    assertThat(ended).hasValue(2);
  }
}
