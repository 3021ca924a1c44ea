package io.ringkernel.checkpoint.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.core.CheckpointKind;
import io.ringkernel.checkpoint.core.PruneReport;
import io.ringkernel.checkpoint.core.SaveReceipt;
import io.ringkernel.checkpoint.tck.Patience;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IncrementalSavesTest {
  @Test
  void keepsTheLastAndRestoresTheNewest(@TempDir Path store) {
    IncrementalSaves saves = new IncrementalSaves("file:" + store);
    try (WaveKernel kernel = WaveKernel.start("wave-0", WaveSetup.ofSize(16).withThreads(1))) {
      assertThat(saves.restore(kernel).blockOptional(Patience.LIMIT)).as("begins anew").isEmpty();
      List<SaveReceipt> receipts = new ArrayList<>();
      for (int step = 10; step <= 60; step += 10) {
        receipts.add(kernel.runTo(step).then(saves.save(kernel)).block(Patience.LIMIT));
      }
      saves.savepoint(kernel, "before-the-upgrade").block(Patience.LIMIT);
      kernel.runTo(65).block(Patience.LIMIT);

      List<PruneReport.Decision> kept = saves.decisions().collectList().block(Patience.LIMIT);

      assertThat(receipts.get(0).kind()).isEqualTo(CheckpointKind.FULL);
      assertThat(receipts.subList(1, 6))
          .as("a delta, or a reason why the policy wanted none: the store's speed is measured")
          .allSatisfy(
              receipt ->
                  assertThat(
                          receipt.changed() < receipt.captured()
                              || receipt.notes().toString().contains("it is a full one: "))
                      .isTrue());
      // The first of its thousand steps stays, too.
      assertThat(kept)
          .extracting(decision -> decision.checkpoint().metadata().step())
          .contains(10L, 60L)
          .doesNotContain(20L, 30L);
      assertThat(saves.restore(kernel).block(Patience.LIMIT).checkpoint().name())
          .isEqualTo("before-the-upgrade");
      assertThat(kernel.runTo(0).block(Patience.LIMIT)).isEqualTo(60);
    } finally {
      saves.close().block(Patience.LIMIT);
    }
  }
}
