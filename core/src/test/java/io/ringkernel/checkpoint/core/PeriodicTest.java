package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.error.StaleWriterException;
import io.ringkernel.checkpoint.error.StorageException;
import io.ringkernel.checkpoint.format.ObjectId;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;
import reactor.test.scheduler.VirtualTimeScheduler;

class PeriodicTest {
  private static final Duration TICK = Duration.ofSeconds(10);

  private final VirtualTimeScheduler time = VirtualTimeScheduler.create();
  private final AtomicInteger begun = new AtomicInteger();
  private final Queue<Sinks.One<SaveReceipt>> saves = new ArrayDeque<>();
  private final AtomicBoolean cancelled = new AtomicBoolean();
  private final Mono<SaveReceipt> save =
      Mono.defer(
          () -> {
            begun.incrementAndGet();
            Sinks.One<SaveReceipt> answer = Sinks.one();
            saves.add(answer);
            return answer.asMono().doOnCancel(() -> cancelled.set(true));
          });

  @AfterEach
  void stopTime() {
    time.dispose();
  }

  private static SaveReceipt receipt(long sequence) {
    return new SaveReceipt(
        "a",
        new ObjectId("0".repeat(32)),
        CheckpointKind.FULL,
        null,
        2,
        "fdtd",
        sequence,
        sequence,
        1,
        1,
        1,
        Duration.ZERO,
        Duration.ZERO,
        "none",
        List.of());
  }

  private Flux<SaveReceipt> receipts() {
    return Periodic.every(TICK, time, save);
  }

  private void tick(int times) {
    time.advanceTimeBy(TICK.multipliedBy(times));
  }

  @Test
  void doesNothingBeforeTheFirstTick() {
    receipts().subscribe();
    time.advanceTimeBy(TICK.minusMillis(1));
    assertThat(begun).hasValue(0);
    time.advanceTimeBy(Duration.ofMillis(1));
    assertThat(begun).hasValue(1);
  }

  @Test
  void dropsTheTicksThatComeWhileASaveIsUnderWay() {
    StepVerifier.create(receipts())
        .then(() -> tick(5))
        .then(() -> assertThat(begun).hasValue(1))
        .then(() -> saves.remove().tryEmitValue(receipt(1)))
        .expectNext(receipt(1))
        .then(() -> assertThat(begun).hasValue(1))
        .then(() -> tick(1))
        .then(() -> assertThat(begun).hasValue(2))
        .then(() -> saves.remove().tryEmitValue(receipt(2)))
        .expectNext(receipt(2))
        .thenCancel()
        .verify(LONG);
  }

  @Test
  void dropsTheTicksThatNobodyWantsAReceiptOf() {
    StepVerifier.create(receipts(), 0)
        .then(() -> tick(3))
        .then(() -> assertThat(begun).hasValue(0))
        .thenRequest(1)
        .then(() -> tick(1))
        .then(() -> saves.remove().tryEmitValue(receipt(1)))
        .expectNext(receipt(1))
        .then(() -> tick(3))
        .then(() -> assertThat(begun).hasValue(1))
        .thenCancel()
        .verify(LONG);
  }

  @Test
  void triesAgainAfterAFailureThatMayPassAndTellsOfIt() {
    StepVerifier.create(receipts())
        .then(() -> tick(1))
        .then(() -> saves.remove().tryEmitError(new StorageException("lost line 1", true, null)))
        .then(() -> tick(1))
        .then(() -> saves.remove().tryEmitError(new StorageException("lost line 2", true, null)))
        .then(() -> tick(1))
        .then(() -> saves.remove().tryEmitValue(receipt(1)))
        .assertNext(
            told ->
                assertThat(told.notes())
                    .singleElement()
                    .asString()
                    .startsWith("2 attempts")
                    .contains("lost line 2"))
        .then(() -> tick(1))
        .then(() -> saves.remove().tryEmitValue(receipt(2)))
        .expectNext(receipt(2))
        .thenCancel()
        .verify(LONG);
  }

  @Test
  void endsWithAFailureThatWillNotPass() {
    StepVerifier.create(receipts())
        .then(() -> tick(1))
        .then(() -> saves.remove().tryEmitError(new StaleWriterException("fdtd", 1, 2)))
        .expectError(StaleWriterException.class)
        .verify(LONG);
    tick(3);
    assertThat(begun).hasValue(1);
  }

  @Test
  void cancelsTheSaveUnderWay() {
    StepVerifier.create(receipts()).then(() -> tick(1)).thenCancel().verify(LONG);

    assertThat(cancelled).isTrue();
    tick(3);
    assertThat(begun).hasValue(1);
  }

  @Test
  void refusesAnIntervalThatIsNone() {
    assertThatThrownBy(() -> Periodic.every(Duration.ZERO, time, save))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void savesAKernelAgainAndAgain() {
    ScriptedStorage storage = new ScriptedStorage("memory:");
    Checkpointer checkpointer = Checkpointer.builder(storage).parallelism(1).build();
    StillKernel kernel = new StillKernel("fdtd", 1);

    List<SaveReceipt> receipts =
        checkpointer.every(Duration.ofMillis(5), kernel).take(3).collectList().block(LONG);

    assertThat(receipts).extracting(SaveReceipt::sequence).containsExactly(1L, 2L, 3L);
    assertThat(receipts).extracting(SaveReceipt::name).doesNotHaveDuplicates();
    checkpointer.close().block(LONG);
    storage.close().block(LONG);
  }
}
