package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.CaptureReport;
import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.error.StorageException;
import io.ringkernel.checkpoint.kernel.CheckpointableKernel;
import io.ringkernel.checkpoint.tck.Patience;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

/** What a save does to the kernel it captures. */
class CaptureTest {
  @RegisterExtension
  final StoreFixture store =
      new StoreFixture("memory:", settings -> settings.captureTimeout(Duration.ofMillis(300)));

  private final ScriptedStorage storage = store.storage;
  private final Checkpointer checkpointer = store.checkpointer;
  private final AtomicInteger closed = new AtomicInteger();

  private record Kernel(String kernelId, Supplier<Mono<Checkpoint>> capture)
      implements CheckpointableKernel {
    @Override
    public String kernelType() {
      return TestStates.TYPE;
    }

    @Override
    public Mono<Checkpoint> createCheckpoint() {
      return capture.get();
    }

    @Override
    public Mono<Void> restoreFromCheckpoint(Checkpoint checkpoint) {
      return Mono.empty();
    }
  }

  private Checkpoint captured(CaptureReport report) {
    Checkpoint state = TestStates.of("fdtd", 1);
    var builder = Checkpoint.builder(state.metadata()).onClose(closed::incrementAndGet);
    state.chunks().forEach(builder::chunk);
    return builder.capture(report).build();
  }

  private static CaptureReport report(CaptureReport.Mode mode) {
    return new CaptureReport(Duration.ofMillis(5), mode, List.of("a note"));
  }

  @Test
  void tellsTheStallThatTheKernelMeasured() {
    Checkpoint capture = captured(report(CaptureReport.Mode.SHADOW));

    SaveReceipt receipt =
        checkpointer.save(new Kernel("fdtd", () -> Mono.just(capture))).block(LONG);

    assertThat(receipt.stall()).isEqualTo(Duration.ofMillis(5));
    assertThat(receipt.notes()).containsExactly("a note");
    assertThat(receipt.duration()).isPositive();
    assertThat(closed).hasValue(1);
  }

  @Test
  void addsToTheStallOfAStraightCaptureUntilItIsClosed() {
    Checkpoint capture = captured(report(CaptureReport.Mode.STRAIGHT));

    SaveReceipt receipt =
        checkpointer.save(new Kernel("fdtd", () -> Mono.just(capture))).block(LONG);

    assertThat(receipt.stall()).isGreaterThan(Duration.ofMillis(5));
    assertThat(receipt.stall()).isLessThanOrEqualTo(receipt.duration().plusMillis(5));
  }

  @Test
  void isOfTheKernelsOwnType() {
    Checkpoint other =
        Checkpoint.builder(CheckpointMetadata.builder("fdtd", "another").build())
            .onClose(closed::incrementAndGet)
            .build();

    assertThatThrownBy(
            () -> checkpointer.save(new Kernel("fdtd", () -> Mono.just(other))).block(LONG))
        .isInstanceOf(KernelException.class)
        .hasMessageContaining("type 'another'");

    assertThat(closed).hasValue(1);
  }

  @Test
  void mayTakeForEverIfAsked() {
    Checkpointer patient =
        Checkpointer.builder(storage)
            .parallelism(1)
            .captureTimeout(ChronoUnit.FOREVER.getDuration())
            .build();
    Checkpoint capture = captured(report(CaptureReport.Mode.SHADOW));

    patient.save(new Kernel("fdtd", () -> Mono.just(capture))).block(LONG);

    assertThat(closed).hasValue(1);
    patient.close().block(LONG);
  }

  @Test
  void closesTheCaptureBeforeItCommits() {
    AtomicInteger closedAtCommit = new AtomicInteger(-1);
    storage.before(
        call -> call.commits() && storage.count("save", ".rkcp/objects/") > 0,
        () -> closedAtCommit.set(closed.get()));

    checkpointer
        .save(new Kernel("fdtd", () -> Mono.just(captured(report(CaptureReport.Mode.STRAIGHT)))))
        .block(LONG);

    assertThat(closedAtCommit).hasValue(1);
  }

  @Test
  void givesUpOnAKernelThatDoesNotAnswer() {
    AtomicInteger cancelled = new AtomicInteger();
    Kernel silent =
        new Kernel("fdtd", () -> Mono.<Checkpoint>never().doOnCancel(cancelled::incrementAndGet));

    assertThatThrownBy(() -> checkpointer.save(silent).block(LONG))
        .isInstanceOf(KernelException.class)
        .hasMessageContaining("fdtd")
        .hasMessageContaining("longer than 300 ms")
        .hasMessageContaining("captureTimeout");
    assertThat(cancelled).hasValue(1);
  }

  @Test
  void saysWhatToDoWithAKernelThatStandsStillUnsaved() {
    KernelException stuck =
        new KernelException("fdtd", KernelException.Phase.RESUME, "it could not run on", 7, null);

    assertThatThrownBy(
            () -> checkpointer.save(new Kernel("fdtd", () -> Mono.error(stuck))).block(LONG))
        .isInstanceOfSatisfying(
            KernelException.class,
            e -> {
              assertThat(e.phase()).isEqualTo(KernelException.Phase.RESUME);
              assertThat(e.deviceCode()).hasValue(7);
            })
        .hasMessageStartingWith(
            "kernel 'fdtd', resume: nothing is saved, and it stands still: it could not run on; ")
        .hasMessageContaining("capture or restore it again")
        .hasCause(stuck);
  }

  @ParameterizedTest
  @CsvSource({"SHADOW, false", "STRAIGHT, false", "SHADOW, true", "STRAIGHT, true"})
  void closesACheckpointThatComesTooLate(CaptureReport.Mode mode, boolean withinABudget) {
    SaveRequest request =
        withinABudget
            ? SaveRequest.defaults().stallBudget(LONG, OverBudget.REFUSE)
            : SaveRequest.defaults();
    MonoSink<?>[] late = new MonoSink<?>[1];
    Kernel slow =
        new Kernel(
            "fdtd",
            () ->
                // A kernel that does not notice that it is cancelled.
                Mono.fromDirect(
                    subscriber ->
                        Mono.<Checkpoint>create(sink -> late[0] = sink)
                            .subscribe(
                                new reactor.core.publisher.BaseSubscriber<>() {
                                  @Override
                                  protected void hookOnSubscribe(
                                      org.reactivestreams.Subscription subscription) {
                                    subscription.request(1);
                                    subscriber.onSubscribe(
                                        reactor.core.publisher.Operators.emptySubscription());
                                  }

                                  @Override
                                  protected void hookOnNext(Checkpoint checkpoint) {
                                    subscriber.onNext(checkpoint);
                                  }
                                })));

    assertThatThrownBy(() -> checkpointer.save(slow, request).block(LONG))
        .isInstanceOf(KernelException.class);
    @SuppressWarnings("unchecked")
    MonoSink<Checkpoint> sink = (MonoSink<Checkpoint>) late[0];
    sink.success(captured(report(mode)));

    assertThat(closed).hasValue(1);
  }

  @Test
  void closesTheCaptureWhenTheStorageFails() {
    Kernel kernel =
        new Kernel("fdtd", () -> Mono.just(captured(report(CaptureReport.Mode.SHADOW))));
    storage.failWhen(
        call -> call.operation().equals("save") && call.name().startsWith(".rkcp/objects/"),
        ScriptedStorage.Fault.FAIL);

    assertThatThrownBy(() -> checkpointer.save(kernel).block(LONG))
        .isInstanceOf(StorageException.class);
    assertThat(closed).hasValue(1);
  }

  @Test
  void closesTheCaptureWhenTheSaveIsCancelled() throws InterruptedException {
    Kernel kernel =
        new Kernel("fdtd", () -> Mono.just(captured(report(CaptureReport.Mode.SHADOW))));
    storage.failWhen(
        call -> call.operation().equals("save") && call.name().startsWith(".rkcp/objects/"),
        ScriptedStorage.Fault.HANG);
    Disposable save = checkpointer.save(kernel).subscribe();
    assertThat(storage.awaitHanging()).isTrue();

    save.dispose();

    Patience.until("the capture is closed", () -> closed.get() == 1);
  }

  @Test
  void refusesACheckpointOfAnotherKernel() {
    Kernel liar = new Kernel("other", () -> Mono.just(captured(report(CaptureReport.Mode.SHADOW))));

    assertThatThrownBy(() -> checkpointer.save(liar).block(LONG))
        .isInstanceOf(KernelException.class)
        .hasMessageContaining("fdtd");
    assertThat(closed).hasValue(1);
    Kernel none = new Kernel("none", Mono::empty);
    assertThatThrownBy(() -> checkpointer.save(none).block(LONG))
        .isInstanceOf(KernelException.class)
        .hasMessageContaining("no checkpoint");
  }

  @Test
  void doesNotCaptureForANameThatIsTaken() {
    checkpointer.save("a", TestStates.of("fdtd", 1)).block(LONG);
    StillKernel kernel = new StillKernel("fdtd", 2);

    assertThatThrownBy(
            () ->
                checkpointer
                    .save(kernel, SaveRequest.defaults().named("a").onlyIfAbsent())
                    .block(LONG))
        .isInstanceOf(io.ringkernel.checkpoint.error.AlreadyExistsException.class);
    assertThat(kernel.captures).hasValue(0);
  }
}
