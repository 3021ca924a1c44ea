package io.ringkernel.checkpoint.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.core.Checkpointer;
import io.ringkernel.checkpoint.core.FailedSave;
import io.ringkernel.checkpoint.core.SaveReceipt;
import io.ringkernel.checkpoint.tck.Patience;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SteadySavesTest {
  private static final Duration OFTEN = Duration.ofMillis(5);

  private final Queue<FailedSave> alarms = new ConcurrentLinkedQueue<>();

  @Test
  void savesUntilTheServiceEndsAndLosesNothing(@TempDir Path directory) {
    String store = "file:" + directory;
    SteadySaves saves = new SteadySaves(store, OFTEN, alarms::add);
    Queue<SaveReceipt> receipts = new ConcurrentLinkedQueue<>();
    try (WaveKernel kernel = WaveKernel.start("wave-0", WaveSetup.ofSize(16).withThreads(1))) {
      CompletableFuture<List<SaveReceipt>> all =
          saves.run(kernel).doOnNext(receipts::add).collectList().toFuture();
      Patience.until("it was saved twice", () -> receipts.size() >= 2);

      saves.end(Patience.LIMIT).block(Patience.LIMIT);

      SaveReceipt last = all.join().get(all.join().size() - 1);
      Checkpointer next = Checkpointer.open(store);
      kernel.runTo(20).block(Patience.LIMIT);
      assertThat(next.restoreLatest(kernel).block(Patience.LIMIT).checkpoint())
          .satisfies(
              newest -> {
                assertThat(newest.name()).isEqualTo(last.name());
                assertThat(newest.tags()).containsExactly("steady");
              });
      next.close().block(Patience.LIMIT);
    }
    assertThat(alarms).isEmpty();
  }

  @Test
  void raisesAnAlarmForEachSaveThatFailsAndGoesOn(@TempDir Path directory) throws IOException {
    Path store = Files.createFile(directory.resolve("in-the-way"));
    SteadySaves saves = new SteadySaves("file:" + store, OFTEN, alarms::add);
    try (WaveKernel kernel = WaveKernel.start("wave-0", WaveSetup.ofSize(16).withThreads(1))) {
      CompletableFuture<SaveReceipt> first = saves.run(kernel).next().toFuture();
      Patience.until("two have failed", () -> alarms.size() >= 2);
      Files.delete(store);

      assertThat(first.join().notes()).anyMatch(note -> note.contains("failed"));
      assertThat(alarms).extracting(FailedSave::inARow).startsWith(1, 2);
      saves.end(Patience.LIMIT).block(Patience.LIMIT);
    }
  }
}
