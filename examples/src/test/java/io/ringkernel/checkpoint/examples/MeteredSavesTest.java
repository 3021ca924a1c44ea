package io.ringkernel.checkpoint.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.ringkernel.checkpoint.core.Checkpointer;
import io.ringkernel.checkpoint.core.SaveReceipt;
import io.ringkernel.checkpoint.core.SaveRequest;
import io.ringkernel.checkpoint.core.TieredStorage;
import io.ringkernel.checkpoint.error.AlreadyExistsException;
import io.ringkernel.checkpoint.tck.Patience;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;

class MeteredSavesTest {
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final MeteredSaves meters = new MeteredSaves(registry);

  @Test
  void showsWhatReceiptsErrorsAndCheckpointerTell(@TempDir Path directory) {
    Checkpointer checkpointer =
        Checkpointer.builder(
                TieredStorage.of(
                    "file:" + directory.resolve("near"), "file:" + directory.resolve("far")))
            .build();
    meters.watch(checkpointer);
    try (WaveKernel kernel = WaveKernel.start("wave-0", WaveSetup.ofSize(16).withThreads(1))) {
      Mono<SaveReceipt> save =
          meters.metered(
              checkpointer.save(kernel, SaveRequest.defaults().named("once").onlyIfAbsent()));

      SaveReceipt receipt = save.block(Patience.LIMIT);
      assertThatThrownBy(() -> save.block(Patience.LIMIT))
          .isInstanceOf(AlreadyExistsException.class);
      SaveReceipt delta = meters.metered(checkpointer.save(kernel)).block(Patience.LIMIT);
      checkpointer.tiers().orElseThrow().settled().block(Patience.LIMIT);

      assertThat(
              registry.get("rkcp.save").tag("kind", "full").timer().totalTime(TimeUnit.NANOSECONDS))
          .isEqualTo((double) receipt.duration().toNanos());
      assertThat(registry.get("rkcp.save.stall").timer().count()).isEqualTo(2);
      assertThat(registry.get("rkcp.save.captured").tag("kind", "full").summary().totalAmount())
          .isEqualTo((double) receipt.captured());
      assertThat(registry.get("rkcp.save.stored").tag("kind", "delta").summary().totalAmount())
          .isEqualTo((double) delta.stored());
      assertThat(
              registry
                  .get("rkcp.save.failed")
                  .tag("error", "AlreadyExistsException")
                  .counter()
                  .count())
          .isEqualTo(1);
      assertThat(registry.get("rkcp.base.reads").tag("result", "hit").functionCounter().count())
          .isEqualTo((double) checkpointer.baseCacheStats().hits())
          .isPositive();
      assertThat(registry.get("rkcp.far.backlog").gauge().value()).isZero();
    } finally {
      checkpointer.close().block(Patience.LIMIT);
    }
  }
}
