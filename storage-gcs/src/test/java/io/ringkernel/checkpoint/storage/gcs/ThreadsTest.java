package io.ringkernel.checkpoint.storage.gcs;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.storage.SaveOptions;
import io.ringkernel.checkpoint.storage.gcs.server.GcsServer;
import io.ringkernel.checkpoint.tck.DeterministicBytes;
import io.ringkernel.checkpoint.tck.Patience;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;

class ThreadsTest {
  @Test
  void worksOnDaemonThreadsOfItsOwnThatEndWithTheClose() throws IOException {
    Set<Thread> before = threads();
    byte[] bytes = DeterministicBytes.array(1, 2 * StoreUnderTest.PART);
    try (GcsServer server = new GcsServer()) {
      StoreUnderTest store = new StoreUnderTest(server);
      Flux.range(0, 100)
          .flatMap(i -> store.saving("n" + i, bytes, SaveOptions.replace()), 100)
          .blockLast(Patience.LIMIT.multipliedBy(2));
      List<Thread> own =
          threads().stream().filter(thread -> thread.getName().startsWith("rkcp-gs-")).toList();
      assertThat(own).hasSizeBetween(1, GcsStorage.THREADS).allMatch(Thread::isDaemon);
      store.close();
      Patience.until("its threads are gone", () -> own.stream().noneMatch(Thread::isAlive));
    }
    Patience.until("no thread is left", () -> before.containsAll(threads()));
  }

  /** All but those that Reactor, the JVM and the test's own server keep. */
  private static Set<Thread> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> !thread.getName().matches("(parallel|boundedElastic|gcs-server).*"))
        .collect(Collectors.toSet());
  }
}
