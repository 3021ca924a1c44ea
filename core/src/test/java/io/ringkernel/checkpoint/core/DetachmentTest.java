package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.URL;
import java.net.URLClassLoader;
import java.time.Duration;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import reactor.core.scheduler.Schedulers;

/** No thread of the library keeps an application that used it. */
class DetachmentTest {
  private final ClassLoader application =
      new URLClassLoader(new URL[0], DetachmentTest.class.getClassLoader());

  private Set<String> threadsOfTheApplication() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread != Thread.currentThread())
        .filter(thread -> thread.getContextClassLoader() == application)
        .map(Thread::getName)
        .collect(Collectors.toSet());
  }

  @Test
  void keepsNoClassLoaderOfItsCaller() {
    // Reactor's own threads are not the library's.
    Schedulers.parallel().schedule(() -> {});
    Schedulers.boundedElastic().schedule(() -> {});
    ClassLoader before = Thread.currentThread().getContextClassLoader();
    Thread.currentThread().setContextClassLoader(application);
    try {
      useAllThereIs();
    } finally {
      Thread.currentThread().setContextClassLoader(before);
    }
  }

  private void useAllThereIs() {
    Checkpointer checkpointer =
        Checkpointer.builder(
                TieredStorage.of("memory:" + UUID.randomUUID(), "memory:" + UUID.randomUUID()))
            .parallelism(2)
            .build();
    Tiers tiers = checkpointer.tiers().orElseThrow();
    tiers.receipts().subscribe();
    HeldKernel kernel = new HeldKernel("held", "capture=shadow");

    SaveReceipt first = checkpointer.save(kernel.kernel()).block(LONG);
    kernel.set(2);
    checkpointer.every(Duration.ofMillis(1), kernel.kernel()).take(2).blockLast(LONG);
    checkpointer.restore(kernel.kernel(), first.name()).block(LONG);
    checkpointer.groups().save("pair", new FieldPair().kernels).block(LONG);
    tiers.settled().block(LONG);
    checkpointer.prune(RetentionPolicy.keepLast(1)).then(checkpointer.collect()).block(LONG);

    assertThat(threadsOfTheApplication()).isEmpty();
    checkpointer.close().block(LONG);
    assertThat(threadsOfTheApplication()).isEmpty();
  }
}
