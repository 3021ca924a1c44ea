package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.ringkernel.checkpoint.CaptureReport;
import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.HlcTimestamp;
import io.ringkernel.checkpoint.error.GroupException;
import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.error.StallBudgetException;
import io.ringkernel.checkpoint.error.StandingKernelException;
import io.ringkernel.checkpoint.error.StorageException;
import io.ringkernel.checkpoint.kernel.QuiescableKernel;
import io.ringkernel.checkpoint.kernel.QuiescedKernel;
import io.ringkernel.checkpoint.tck.Patience;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.NullSource;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** A save waits until its kernel runs on, and says when it does not. */
@Timeout(120)
class ReleaseTest {
  private static final Duration LIMIT = Duration.ofMillis(400);
  private static final Duration STALL = Duration.ofMillis(5);
  private static final SaveRequest AMPLE =
      SaveRequest.defaults().stallBudget(Duration.ofMinutes(10), OverBudget.REFUSE);

  @RegisterExtension
  final StoreFixture store =
      new StoreFixture("memory:", settings -> settings.captureTimeout(LIMIT));

  private final ScriptedStorage storage = store.storage;
  private final Checkpointer checkpointer = store.checkpointer;
  private final Queue<Throwable> dropped = new ConcurrentLinkedQueue<>();
  private final Sinks.Empty<Void> gate = Sinks.empty();

  @AfterEach
  void tellReactorAgain() {
    Hooks.resetOnErrorDropped();
  }

  /** Gives its state, and runs on when that was released and its script says so. */
  private static final class Scripted implements QuiescableKernel {
    final AtomicInteger cutsEnded = new AtomicInteger();
    final AtomicInteger resumes = new AtomicInteger();
    private final CaptureReport.@Nullable Mode mode;
    private final Mono<Void> resume;
    volatile UnaryOperator<Mono<Checkpoint>> capturing = UnaryOperator.identity();

    Scripted(CaptureReport.@Nullable Mode mode, Mono<Void> resume) {
      this.mode = mode;
      this.resume = resume;
    }

    @Override
    public String kernelId() {
      return "k";
    }

    @Override
    public String kernelType() {
      return TestStates.TYPE;
    }

    @Override
    public Mono<Checkpoint> createCheckpoint() {
      return capturing.apply(Mono.fromSupplier(this::capture));
    }

    private Checkpoint capture() {
      Checkpoint state = TestStates.of("k", 1);
      var builder =
          Checkpoint.builder(state.metadata())
              .onRelease(Mono.fromRunnable(resumes::incrementAndGet).then(resume));
      state.chunks().forEach(builder::chunk);
      if (mode != null) {
        builder.capture(new CaptureReport(STALL, mode, List.of()));
      }
      return builder.build();
    }

    @Override
    public Mono<Void> restoreFromCheckpoint(Checkpoint checkpoint) {
      return Mono.empty();
    }

    @Override
    public Mono<QuiescedKernel> quiesce() {
      return Mono.just(new Standing(this));
    }
  }

  /** It takes a cut's end for its own to tell; its captures are those of the kernel. */
  private record Standing(Scripted kernel) implements QuiescedKernel {
    @Override
    public String kernelId() {
      return kernel.kernelId();
    }

    @Override
    public String kernelType() {
      return kernel.kernelType();
    }

    @Override
    public HlcTimestamp hlc() {
      return HlcTimestamp.ZERO;
    }

    @Override
    public Mono<Checkpoint> createCheckpoint() {
      return kernel.createCheckpoint();
    }

    @Override
    public Mono<Void> restoreFromCheckpoint(Checkpoint checkpoint) {
      return kernel.restoreFromCheckpoint(checkpoint);
    }

    @Override
    public Mono<Void> resume(HlcTimestamp cut) {
      return Mono.fromRunnable(kernel.cutsEnded::incrementAndGet);
    }
  }

  private static Scripted straight(Mono<Void> resume) {
    return new Scripted(CaptureReport.Mode.STRAIGHT, resume);
  }

  private static Mono<Void> stuck() {
    return Mono.error(new IllegalStateException("stuck"));
  }

  private void failInObjects(ScriptedStorage.Fault fault) {
    storage.failWhen(
        call -> call.operation().equals("save") && call.name().startsWith(".rkcp/objects/"), fault);
  }

  private static void assertStands(Throwable failure) {
    assertThat(failure)
        .isInstanceOfSatisfying(
            KernelException.class,
            e -> assertThat(e.phase()).isEqualTo(KernelException.Phase.RESUME));
  }

  @Test
  void isToldWhenTheKernelRunsOnAndItsStallEndsThere() throws Exception {
    Scripted kernel = straight(gate.asMono());
    CompletableFuture<SaveReceipt> save = checkpointer.save(kernel).toFuture();
    Patience.until("it is released", () -> kernel.resumes.get() == 1);
    Duration late = Duration.ofMillis(60);
    Mono.delay(late).block();
    assertThat(save).isNotDone();

    gate.tryEmitEmpty();

    SaveReceipt receipt = Mono.fromFuture(save).block(LONG);
    assertThat(receipt.stall()).isGreaterThan(late).isLessThan(receipt.duration().plus(STALL));
    assertThat(kernel.resumes).hasValue(1);
  }

  @Test
  void saysThatTheKernelStandsStillAndAsWhatItIsSaved() {
    Scripted kernel = straight(stuck());

    Throwable failure = catchThrowable(() -> checkpointer.save(kernel).block(LONG));

    assertThat(failure)
        .isInstanceOfSatisfying(
            StandingKernelException.class,
            e -> {
              assertThat(e.kernelId()).isEqualTo("k");
              assertThat(checkpointer.info(e.savedAs()).block(LONG).metadata().step()).isEqualTo(1);
              assertStands(e.getCause());
            })
        .hasStackTraceContaining("stuck");
    assertThat(kernel.resumes).as("it is not tried twice").hasValue(1);
  }

  @Test
  void doesNotWaitForAKernelForEver() {
    Scripted kernel = straight(Mono.never());

    assertThatThrownBy(
            () -> checkpointer.save(kernel, SaveRequest.defaults().named("a")).block(LONG))
        .isInstanceOfSatisfying(
            StandingKernelException.class, e -> assertThat(e.savedAs()).isEqualTo("a"))
        .hasMessageContaining("did not run on within 400 ms")
        .hasRootCauseInstanceOf(TimeoutException.class);
    assertThat(checkpointer.info("a").block(LONG).metadata().kernelId()).isEqualTo("k");
  }

  @Test
  void aKernelThatRunsOnAlreadyIsSavedThoughItsShadowIsLost() {
    SaveReceipt receipt =
        checkpointer.save(new Scripted(CaptureReport.Mode.SHADOW, stuck())).block(LONG);

    assertThat(receipt.notes())
        .singleElement()
        .asString()
        .contains("was not given back")
        .contains("stuck");
  }

  @Test
  void whatKeepsItStandingIsToldWithWhateverFailedBefore() {
    Scripted kernel = straight(stuck());
    failInObjects(ScriptedStorage.Fault.FAIL);

    Throwable failure = catchThrowable(() -> checkpointer.save(kernel).block(LONG));

    assertThat(failure).isInstanceOf(StorageException.class);
    assertThat(failure.getSuppressed()).anySatisfy(ReleaseTest::assertStands);
  }

  @Test
  void whatIsToldToTheSaverIsNotTheLogsToTell() {
    Hooks.onErrorDropped(dropped::add);

    assertThatThrownBy(() -> checkpointer.save(straight(stuck())).block(LONG))
        .isInstanceOf(StandingKernelException.class);

    assertThat(dropped).isEmpty();
  }

  @Test
  void aBudgetIsOfTheKernelAndNotOfTheCommit() {
    Duration budget = Duration.ofSeconds(2);
    Checkpointer bare =
        Checkpointer.builder(storage)
            .parallelism(1)
            .maxShadowBytes(1)
            .stallBudget(budget, OverBudget.REFUSE)
            .build();
    Scripted kernel = straight(Mono.empty());
    storage.before(
        ScriptedStorage.Call::savesEntry, () -> Mono.delay(budget.plusMillis(200)).block(LONG));

    SaveReceipt receipt = bare.save(kernel).block(LONG);

    assertThat(receipt.duration()).isGreaterThan(budget);
    bare.close().block(LONG);
  }

  @Test
  void cancelledWhileItRunsOnItIsLetRunOnToTheEnd() {
    Scripted kernel = straight(gate.asMono());
    Disposable save = checkpointer.save(kernel).subscribe();
    Patience.until("it is released", () -> kernel.resumes.get() == 1);

    save.dispose();

    assertThat(gate.currentSubscriberCount()).isEqualTo(1);
    gate.tryEmitEmpty();
    assertThat(kernel.resumes).hasValue(1);
    assertThat(checkpointer.list("").count().block(LONG)).as("nothing is committed").isZero();
  }

  @Test
  void aKernelThatStandsStillAfterItsSaveWasCancelledIsTheLogsToTell() throws Exception {
    Hooks.onErrorDropped(dropped::add);
    Scripted kernel = straight(stuck());
    failInObjects(ScriptedStorage.Fault.HANG);
    Disposable save = checkpointer.save(kernel).subscribe();
    assertThat(storage.awaitHanging()).isTrue();

    save.dispose();

    Patience.until(
        "it is told", () -> dropped.stream().anyMatch(KernelException.class::isInstance));
  }

  @ParameterizedTest
  @EnumSource(CaptureReport.Mode.class)
  void whatIsCapturedWhenItsSaveWasJustCancelledIsReleasedAlsoWithinABudget(
      CaptureReport.Mode mode) {
    Checkpointer bare = Checkpointer.builder(storage).parallelism(1).maxShadowBytes(1).build();
    Scripted kernel = new Scripted(mode, Mono.empty());
    bare.save(kernel, AMPLE).block(LONG);
    Disposable.Swap save = Disposables.swap();
    kernel.capturing = capture -> capture.doOnNext(captured -> save.dispose());

    save.update(bare.save(kernel, AMPLE).delaySubscription(gate.asMono()).subscribe());
    gate.tryEmitEmpty();

    Patience.until("it runs on", () -> kernel.resumes.get() == 2);
    bare.close().block(LONG);
  }

  @Test
  void copiedAsideItIsNotSavedWhenItDoesNotRunOn() {
    Throwable failure =
        catchThrowable(() -> checkpointer.save(straight(stuck()), AMPLE).block(LONG));

    assertStands(failure);
    assertThat(checkpointer.list("").count().block(LONG)).isZero();
  }

  @Test
  void cutOffByItsBudgetItTellsThatItDoesNotRunOn() {
    Checkpointer bare =
        Checkpointer.builder(storage)
            .parallelism(1)
            .maxShadowBytes(1)
            .captureTimeout(LIMIT)
            .stallBudget(Duration.ofMillis(50), OverBudget.REFUSE)
            .build();
    failInObjects(ScriptedStorage.Fault.HANG);

    Throwable failure = catchThrowable(() -> bare.save(straight(stuck())).block(LONG));

    assertThat(failure).isInstanceOf(StallBudgetException.class);
    assertThat(failure.getSuppressed()).anySatisfy(ReleaseTest::assertStands);
    bare.close().block(LONG);
  }

  @Test
  void aSaveThatKeepsItsBudgetKeptItToTheKernelsRunningOn() {
    Checkpointer bare =
        Checkpointer.builder(storage)
            .parallelism(1)
            .maxShadowBytes(1)
            .stallBudget(Duration.ofMillis(80), OverBudget.REFUSE)
            .build();
    Scripted kernel = straight(Mono.delay(Duration.ofMillis(200)).then());

    assertThatThrownBy(() -> bare.save(kernel).block(LONG))
        .isInstanceOf(StallBudgetException.class)
        .hasMessageContaining("measured");
    assertThat(bare.list("").count().block(LONG)).isZero();
    bare.close().block(LONG);
  }

  @Test
  void aKernelThatReportsNothingIsMeasuredFromOutside() {
    Duration late = Duration.ofMillis(60);
    SaveReceipt receipt =
        checkpointer.save(new Scripted(null, Mono.delay(late).then())).block(LONG);

    assertThat(receipt.stall()).isGreaterThanOrEqualTo(late);
    assertThat(receipt.stall()).isLessThanOrEqualTo(receipt.duration());
  }

  @Test
  void aKernelThatReportsNothingDoesNotEscapeItsBudget() {
    SaveRequest tight = SaveRequest.defaults().stallBudget(STALL, OverBudget.REFUSE);
    Scripted slow = new Scripted(null, Mono.delay(STALL.multipliedBy(2)).then());

    assertThatThrownBy(() -> checkpointer.save(slow, tight).block(LONG))
        .isInstanceOf(StallBudgetException.class);
    assertThat(checkpointer.list("").count().block(LONG)).isZero();

    assertThat(checkpointer.save(new Scripted(null, Mono.empty()), AMPLE).block(LONG).notes())
        .anyMatch(note -> note.contains("measured from outside"));
  }

  @Test
  void aGroupWithAKernelThatDoesNotRunOnFailsAndLeavesNothing() {
    Scripted kernel = straight(stuck());

    Throwable failure =
        catchThrowable(() -> checkpointer.groups().save("g", List.of(kernel)).block(LONG));

    assertThat(failure)
        .isInstanceOfSatisfying(GroupException.class, e -> assertThat(e.culprit()).contains("k"))
        .hasStackTraceContaining("stuck");
    assertThat(kernel.cutsEnded).hasPositiveValue();
    Patience.until(
        "its checkpoint is removed again", () -> checkpointer.list("").count().block(LONG) == 0);
  }

  @ParameterizedTest
  @EnumSource
  @NullSource
  void aGroupSavesWhatIsReleasedInTime(CaptureReport.@Nullable Mode mode) {
    Scripted kernel = new Scripted(mode, Mono.delay(STALL).then());

    GroupReceipt receipt = checkpointer.groups().save("g", List.of(kernel)).block(LONG);

    assertThat(receipt.members()).hasSize(1);
    assertThat(kernel.resumes).hasValue(1);
    assertThat(kernel.cutsEnded).hasPositiveValue();
  }

  @Test
  void whatIsSavedOfAKernelThatStandsStillReachesTheFarTier() {
    Checkpointer tiered =
        Checkpointer.builder(
                TieredStorage.of("memory:" + UUID.randomUUID(), "memory:" + UUID.randomUUID()))
            .parallelism(1)
            .build();
    assertThatThrownBy(
            () -> tiered.save(straight(stuck()), SaveRequest.defaults().named("a")).block(LONG))
        .isInstanceOf(StandingKernelException.class);

    Tiers tiers = tiered.tiers().orElseThrow();
    tiers.settled().block(LONG);
    assertThat(tiers.far().info("a").block(LONG).metadata().kernelId()).isEqualTo("k");
    tiered.close().block(LONG);
  }
}
