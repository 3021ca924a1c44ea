package io.ringkernel.checkpoint.core;

import java.lang.reflect.Proxy;
import java.util.UUID;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import reactor.core.scheduler.Schedulers;

/** Counts the executors that schedulers make from now on, and those of them that were ended. */
final class ThreadsMade implements AutoCloseable {
  private final String name = "counted-" + UUID.randomUUID();
  private final AtomicInteger made = new AtomicInteger();
  private final AtomicInteger ended = new AtomicInteger();

  ThreadsMade() {
    // Reactor's own are made before they would be counted.
    Schedulers.parallel();
    Schedulers.addExecutorServiceDecorator(name, (owner, threads) -> counted(threads));
  }

  int made() {
    return made.get();
  }

  boolean haveEnded() {
    return made.get() == ended.get();
  }

  private ScheduledExecutorService counted(ScheduledExecutorService threads) {
    made.incrementAndGet();
    AtomicBoolean goesOn = new AtomicBoolean(true);
    return (ScheduledExecutorService)
        Proxy.newProxyInstance(
            ThreadsMade.class.getClassLoader(),
            new Class<?>[] {ScheduledExecutorService.class},
            (proxy, method, arguments) -> {
              if (method.getName().startsWith("shutdown") && goesOn.getAndSet(false)) {
                ended.incrementAndGet();
              }
              return method.invoke(threads, arguments);
            });
  }

  @Override
  public void close() {
    Schedulers.removeExecutorServiceDecorator(name);
  }
}
