package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;
import reactor.test.scheduler.VirtualTimeScheduler;

/** Times that are meant as "for ever", and are longer than nanoseconds can count in 64 bits. */
@Timeout(120)
class LongTimesTest {
  private static final Duration FOR_EVER = Duration.ofSeconds(Long.MAX_VALUE);

  @RegisterExtension final StoreFixture store = new StoreFixture();
  private final StampingKernel kernel = new StampingKernel("k", "capture=straight").start();
  private final VirtualTimeScheduler time = VirtualTimeScheduler.create();

  @AfterEach
  void close() {
    kernel.close();
    time.dispose();
  }

  @Test
  void aStallBudgetIsKeptByAKernelThatIsReadWhereItIs() {
    Checkpointer bare =
        Checkpointer.builder(store.storage)
            .parallelism(1)
            .maxShadowBytes(0)
            .stallBudget(FOR_EVER, OverBudget.REFUSE)
            .build();

    SaveReceipt receipt = bare.save(kernel.kernel()).block(LONG);

    assertThat(receipt.stall()).isPositive();
    assertThat(kernel.runs()).isTrue();
    bare.close().block(LONG);
  }

  @Test
  void anIntervalOfPeriodicSavesWaitsForItsEnd() {
    Sinks.Empty<Void> end = Sinks.empty();
    PeriodicSaves saves = PeriodicSaves.every(FOR_EVER).saveTimeout(FOR_EVER);

    StepVerifier.create(Periodic.of(saves, time, Mono.never(), end.asMono()))
        .then(() -> time.advanceTimeBy(Duration.ofDays(1000)))
        .then(end::tryEmitEmpty)
        .expectComplete()
        .verify(LONG);
  }

  @Test
  void theTimesOfAGroupCanBeCounted() {
    GroupRequest request = GroupRequest.of("g").pollInterval(FOR_EVER).timeout(FOR_EVER);

    assertThat(request.pollInterval().toNanos()).isPositive();
    assertThat(request.timeout().orElseThrow().toNanos()).isPositive();
    GroupReceipt receipt =
        store.checkpointer.groups().save(request, List.of(kernel.kernel())).block(LONG);
    assertThat(receipt.members()).hasSize(1);
  }

  @Test
  void thePausesOfAFarTierCanBeCounted() {
    TieredStorage storage =
        TieredStorage.of("memory:" + UUID.randomUUID(), "memory:" + UUID.randomUUID())
            .retry(FOR_EVER, FOR_EVER);

    assertThat(storage.pause(100).toNanos()).isPositive();
  }

  @Test
  void anIntervalOfARetentionPolicyKeepsTheFirstOfAll() {
    store.checkpointer.save("a", TestStates.of("fdtd", 1)).block(LONG);
    RetentionPolicy policy = RetentionPolicy.builder().keepEvery(FOR_EVER).build();

    assertThatCode(() -> store.checkpointer.prune(policy).block(LONG)).doesNotThrowAnyException();
    assertThat(store.checkpointer.info("a").block(LONG).name()).isEqualTo("a");
  }
}
