package io.ringkernel.checkpoint.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.core.FarReceipt;
import io.ringkernel.checkpoint.tck.Patience;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TieredSavesTest {
  @Test
  void survivesTheLossOfTheNearStore(@TempDir Path directory) {
    String far = "file:" + directory.resolve("far");
    TieredSaves saves = new TieredSaves("file:" + directory.resolve("nvme"), far);
    try (WaveKernel kernel = WaveKernel.start("wave-0", WaveSetup.ofSize(16).withThreads(1))) {
      for (int step = 10; step <= 30; step += 10) {
        kernel.runTo(step).then(saves.save(kernel)).block(Patience.LIMIT);
      }
      FarReceipt safe = kernel.runTo(40).then(saves.saveFar(kernel)).block(Patience.LIMIT);
      assertThat(safe.outcome()).isEqualTo(FarReceipt.Outcome.COPIED);
      saves.prune().block(Patience.LIMIT);
      saves.close().block(Patience.LIMIT);

      // Another machine, whose disk is empty.
      TieredSaves heir = new TieredSaves("file:" + directory.resolve("other-nvme"), far);
      kernel.runTo(45).block(Patience.LIMIT);
      assertThat(heir.restore(kernel).block(Patience.LIMIT).checkpoint().name())
          .isEqualTo(safe.name());
      assertThat(kernel.runTo(0).block(Patience.LIMIT)).isEqualTo(40);
      heir.close().block(Patience.LIMIT);
    }
  }
}
