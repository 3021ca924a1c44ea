package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.core.ScriptedStorage.Fault;
import io.ringkernel.checkpoint.error.GroupException;
import io.ringkernel.checkpoint.error.StallBudgetException;
import io.ringkernel.checkpoint.tck.Patience;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

/** How long a kernel stands still, when that is limited. */
@Timeout(120)
class StallBudgetTest {
  private static final Duration AMPLE = Duration.ofMinutes(10);
  private static final Duration NONE = Duration.ofNanos(1);

  @RegisterExtension final StoreFixture store = new StoreFixture();
  private final ScriptedStorage storage = store.storage;
  private final Checkpointer checkpointer = store.checkpointer;
  private StampingKernel kernel = new StampingKernel("k", "capture=straight").start();

  @AfterEach
  void close() {
    kernel.close();
  }

  private static SaveRequest within(Duration budget, OverBudget over) {
    return SaveRequest.defaults().stallBudget(budget, over);
  }

  private void hangInObjects() {
    storage.failWhen(
        call -> call.operation().equals("save") && call.name().startsWith(".rkcp/objects/"),
        Fault.HANG);
  }

  @Test
  void aKernelWithoutAShadowRunsOnWhileItIsStored() throws InterruptedException {
    hangInObjects();
    Disposable save =
        checkpointer.save(kernel.kernel(), within(AMPLE, OverBudget.REFUSE)).subscribe();
    assertThat(storage.awaitHanging()).isTrue();

    assertThat(kernel.runs()).isTrue();

    save.dispose();
    storage.heal();
    SaveReceipt receipt =
        checkpointer.save(kernel.kernel(), within(AMPLE, OverBudget.REFUSE)).block(LONG);
    assertThat(receipt.stall()).isPositive();
    try (Checkpoint checkpoint = checkpointer.load(receipt.name()).block(LONG)) {
      assertThat(StampingKernel.stepOf(checkpoint)).isEqualTo(receipt.step());
    }
  }

  @Test
  void isNoMixtureInTheCheckpointersOwnShadow() {
    for (int i = 0; i < 8; i++) {
      SaveReceipt receipt =
          checkpointer.save(kernel.kernel(), within(AMPLE, OverBudget.DEGRADE)).block(LONG);
      try (Checkpoint checkpoint = checkpointer.load(receipt.name()).block(LONG)) {
        assertThat(StampingKernel.stepOf(checkpoint)).isEqualTo(receipt.step());
      }
    }
    assertThat(kernel.runs()).isTrue();
  }

  @Test
  void saysThatItWasOverItsBudgetWhenItMayBe() {
    SaveReceipt receipt =
        checkpointer.save(kernel.kernel(), within(NONE, OverBudget.DEGRADE)).block(LONG);

    assertThat(receipt.notes()).anyMatch(note -> note.contains("over the budget of 1 ns"));
    assertThat(receipt.stall()).isGreaterThan(NONE);
  }

  @Test
  void refusesAfterwardsWhatWasOverAndBeforehandWhatIsKnownToBe() {
    assertThatThrownBy(
            () -> checkpointer.save(kernel.kernel(), within(NONE, OverBudget.REFUSE)).block(LONG))
        .isInstanceOf(StallBudgetException.class)
        .hasMessageContaining("measured");
    int stops = kernel.stops.get();
    assertThat(stops).isEqualTo(1);
    assertThatThrownBy(
            () -> checkpointer.save(kernel.kernel(), within(NONE, OverBudget.REFUSE)).block(LONG))
        .isInstanceOfSatisfying(
            StallBudgetException.class,
            e -> {
              assertThat(e.kernelId()).isEqualTo("k");
              assertThat(e.budget()).isEqualTo(NONE);
              assertThat(e.stall()).isGreaterThan(NONE);
            })
        .hasMessageContaining("was not stopped");

    assertThat(kernel.stops).hasValue(stops);
    assertThat(checkpointer.list("").count().block(LONG)).isZero();
    assertThat(kernel.runs()).isTrue();
    checkpointer.save(kernel.kernel(), within(AMPLE, OverBudget.REFUSE)).block(LONG);
  }

  @Test
  void whatWasRefusedByAnEstimateIsTriedAgainInTheEnd() {
    StallEstimates.Estimate estimate = new StallEstimates().of("k");
    assertThat(estimate.least()).isEmpty();
    estimate.add(io.ringkernel.checkpoint.CaptureReport.Mode.SHADOW, 1000, Duration.ofMillis(100));
    assertThat(estimate.least()).contains(Duration.ofMillis(100));
    for (int i = 0; i < 10; i++) {
      estimate.forgetSome();
    }
    assertThat(estimate.least().orElseThrow()).isLessThan(Duration.ofMillis(40));
    estimate.add(io.ringkernel.checkpoint.CaptureReport.Mode.STRAIGHT, 1000, Duration.ofMillis(1));
    assertThat(estimate.least()).contains(Duration.ofMillis(1));
  }

  @Test
  void whatFindsNoShadowIsReadStraightAndCutOffWhenThatIsRefused() throws Exception {
    Checkpointer bare =
        Checkpointer.builder(storage)
            .parallelism(1)
            .maxShadowBytes(100)
            .stallBudget(Duration.ofMillis(200), OverBudget.REFUSE)
            .build();
    hangInObjects();
    CompletableFuture<SaveReceipt> save = bare.save(kernel.kernel()).toFuture();

    assertThatThrownBy(() -> save.get(60, TimeUnit.SECONDS))
        .hasCauseInstanceOf(StallBudgetException.class);
    assertThat(kernel.runs()).isTrue();
    storage.heal();

    SaveReceipt degraded = bare.save(kernel.kernel(), within(NONE, OverBudget.DEGRADE)).block(LONG);
    assertThat(degraded.notes())
        .anyMatch(note -> note.contains("no room for a shadow"))
        .anyMatch(note -> note.contains("over the budget"));
    bare.close().block(LONG);
  }

  @Test
  void aKernelsOwnShadowIsMeasuredToo() {
    kernel.close();
    kernel = new StampingKernel("k", "capture=shadow").start();
    assertThat(
            checkpointer
                .save(kernel.kernel(), within(AMPLE, OverBudget.REFUSE))
                .block(LONG)
                .notes())
        .isEmpty();
    assertThatThrownBy(
            () -> checkpointer.save(kernel.kernel(), within(NONE, OverBudget.REFUSE)).block(LONG))
        .isInstanceOf(StallBudgetException.class);
    assertThat(kernel.runs()).isTrue();
  }

  @Test
  void cancelledAtAnyMomentTheKernelRunsOnAndTheShadowComesBack() {
    Checkpointer tight =
        Checkpointer.builder(storage)
            .parallelism(1)
            .maxShadowBytes(2L * StampingKernel.WORDS * Long.BYTES)
            .build();
    for (int i = 0; i < 40; i++) {
      Disposable save = tight.save(kernel.kernel(), within(AMPLE, OverBudget.DEGRADE)).subscribe();
      for (int spin = 0; spin < i * 3_000; spin++) {
        Thread.onSpinWait();
      }
      save.dispose();
      assertThat(kernel.runs()).isTrue();
    }
    Patience.until(
        "there is room for a shadow again",
        () ->
            tight
                .save(kernel.kernel(), within(AMPLE, OverBudget.DEGRADE))
                .block(LONG)
                .notes()
                .stream()
                .noneMatch(note -> note.contains("no room for a shadow")));
    tight.close().block(LONG);
  }

  @Test
  void aGroupKeepsTheBudgetOfEachKernel() {
    StampingKernel other = new StampingKernel("other").start();
    List<io.ringkernel.checkpoint.kernel.QuiescableKernel> kernels =
        List.of(kernel.kernel(), other.kernel());
    GroupRequest group = GroupRequest.of("g");

    GroupReceipt receipt =
        checkpointer
            .groups()
            .save(group.stallBudget(AMPLE, OverBudget.REFUSE), kernels)
            .block(LONG);
    assertThat(receipt.stall()).isLessThan(AMPLE);
    assertThatThrownBy(
            () ->
                checkpointer
                    .groups()
                    .save(group.stallBudget(NONE, OverBudget.REFUSE), kernels)
                    .block(LONG))
        .isInstanceOf(GroupException.class)
        .hasCauseInstanceOf(StallBudgetException.class);
    GroupReceipt degraded =
        checkpointer
            .groups()
            .save(group.stallBudget(NONE, OverBudget.DEGRADE), kernels)
            .block(LONG);
    assertThat(degraded.members())
        .allSatisfy(member -> assertThat(member.notes()).anyMatch(n -> n.contains("budget")));
    assertThat(kernel.runs()).isTrue();
    assertThat(other.runs()).isTrue();
    other.close();
  }

  @Test
  void refusesABudgetThatIsNone() {
    assertThatThrownBy(() -> within(Duration.ZERO, OverBudget.REFUSE))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Checkpointer.builder(storage).maxShadowBytes(-1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void whatWasCapturedByTheCallerStopsNoKernel() {
    SaveReceipt receipt =
        checkpointer
            .save(
                TestStates.of("x", 1),
                SaveRequest.defaults().named("x").stallBudget(NONE, OverBudget.REFUSE))
            .block(LONG);
    assertThat(receipt.stall()).isZero();
    assertThat(Mono.just(receipt.notes()).block()).isEmpty();
  }
}
