package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.error.StaleWriterException;
import io.ringkernel.checkpoint.error.StorageException;
import io.ringkernel.checkpoint.format.ObjectId;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
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
  private final Sinks.Empty<Void> end = Sinks.empty();
  private final List<FailedSave> failed = new ArrayList<>();
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
    return receipts(saves -> saves);
  }

  private Flux<SaveReceipt> receipts(UnaryOperator<PeriodicSaves> settings) {
    return Periodic.of(settings.apply(PeriodicSaves.every(TICK)), time, save, end.asMono());
  }

  private void fail(Throwable error) {
    saves.remove().tryEmitError(error);
  }

  private static StorageException lost(int line) {
    return new StorageException("lost line " + line, true, null);
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
  void givesUpASaveThatHangsAndTellsOfIt() {
    Duration limit = TICK.multipliedBy(3);
    Flux<SaveReceipt> limited = receipts(all -> all.saveTimeout(limit).onFailure(failed::add));
    StepVerifier.create(limited)
        .then(() -> tick(3))
        .then(() -> assertThat(cancelled).isFalse())
        .then(() -> tick(1))
        .then(() -> assertThat(cancelled).isTrue())
        .then(() -> saves.remove())
        .then(() -> tick(1))
        .then(() -> saves.remove().tryEmitValue(receipt(1)))
        .assertNext(told -> assertThat(told.sequence()).isEqualTo(1))
        .thenCancel()
        .verify(LONG);
    assertThat(failed)
        .singleElement()
        .satisfies(
            one -> {
              assertThat(one.isTransient()).isTrue();
              assertThat(one.error())
                  .isInstanceOf(StorageException.class)
                  .hasMessageContaining("within 30 s")
                  .hasMessageContaining("saveTimeout");
            });
    assertThatThrownBy(() -> PeriodicSaves.every(TICK).saveTimeout(Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class);
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
  void endsWithAFailureThatCanNotBeTold() {
    UntellableException failure = new UntellableException();
    StepVerifier.create(receipts())
        .then(() -> tick(1))
        .then(() -> fail(failure))
        .expectErrorSatisfies(error -> assertThat(error == failure).isTrue())
        .verify(LONG);
  }

  @Test
  void goesOnAfterAFailureThatCanNotBeToldWhenItIsToldTo() {
    StepVerifier.create(receipts(saves -> saves.goOnAfter(one -> true)))
        .then(() -> tick(1))
        .then(() -> fail(new UntellableException()))
        .then(() -> tick(1))
        .then(() -> saves.remove().tryEmitValue(receipt(1)))
        .assertNext(
            told ->
                assertThat(told.notes())
                    .singleElement()
                    .asString()
                    .contains(UntellableException.class.getName()))
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
    assertThatThrownBy(() -> PeriodicSaves.every(Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void tellsOfEachFailureAsItHappens() {
    StepVerifier.create(receipts(saves -> saves.onFailure(failed::add)))
        .then(() -> tick(1))
        .then(() -> fail(lost(1)))
        .then(() -> assertThat(failed).extracting(FailedSave::inARow).containsExactly(1))
        .then(() -> tick(1))
        .then(() -> fail(lost(2)))
        .then(() -> tick(1))
        .then(() -> saves.remove().tryEmitValue(receipt(1)))
        .expectNextCount(1)
        .then(() -> tick(1))
        .then(() -> fail(new StaleWriterException("fdtd", 1, 2)))
        .expectError(StaleWriterException.class)
        .verify(LONG);
    assertThat(failed).extracting(FailedSave::inARow).containsExactly(1, 2, 1);
    assertThat(failed).extracting(FailedSave::isTransient).containsExactly(true, true, false);
  }

  @Test
  void goesOnAfterTheFailuresThatItIsToldTo() {
    KernelException late =
        new KernelException("fdtd", KernelException.Phase.CAPTURE, "it took too long", null);
    StepVerifier.create(
            receipts(saves -> saves.onFailure(failed::add).goOnAfter(one -> one.inARow() < 3)))
        .then(() -> tick(1))
        .then(() -> fail(late))
        .then(() -> tick(1))
        .then(() -> fail(late))
        .then(() -> tick(1))
        .then(() -> saves.remove().tryEmitValue(receipt(1)))
        .assertNext(told -> assertThat(told.notes()).singleElement().asString().contains("2"))
        .then(() -> tick(1))
        .then(() -> fail(late))
        .then(() -> tick(1))
        .then(() -> fail(late))
        .then(() -> tick(1))
        .then(() -> fail(late))
        .expectErrorSatisfies(error -> assertThat(error).isSameAs(late))
        .verify(LONG);
    assertThat(failed).hasSize(5);
  }

  static Stream<Throwable> failuresOfAListener() {
    return Stream.of(
        new IllegalStateException("no log"),
        new AssertionError("no log"),
        new NoClassDefFoundError("no log"));
  }

  @ParameterizedTest
  @MethodSource("failuresOfAListener")
  void endsWithTheFailureWhoseListenerFails(Throwable failure) {
    StepVerifier.create(
            receipts(
                saves ->
                    saves.onFailure(
                        one -> {
                          if (failure instanceof Error fatal) {
                            throw fatal;
                          }
                          throw (RuntimeException) failure;
                        })))
        .then(() -> tick(1))
        .then(() -> fail(lost(1)))
        .expectErrorSatisfies(
            error -> assertThat(error).hasMessage("lost line 1").hasSuppressedException(failure))
        .verify(LONG);
  }

  @Test
  void endsWithTheFailureThatItsListenerThrowsAgain() {
    RuntimeException failure = lost(1);
    StepVerifier.create(
            receipts(
                saves ->
                    saves.onFailure(
                        one -> {
                          throw failure;
                        })))
        .then(() -> tick(1))
        .then(() -> fail(failure))
        .expectErrorSatisfies(error -> assertThat(error).isSameAs(failure))
        .verify(Duration.ofSeconds(5));
  }

  @Test
  void letsTheSaveUnderWayFinishWhenItIsToldToStop() {
    Sinks.Empty<Void> stop = Sinks.empty();
    StepVerifier.create(receipts(saves -> saves.until(stop.asMono())))
        .then(() -> tick(1))
        .then(stop::tryEmitEmpty)
        .then(() -> tick(2))
        .then(() -> assertThat(cancelled).isFalse())
        .then(() -> saves.remove().tryEmitValue(receipt(1)))
        .expectNext(receipt(1))
        .expectComplete()
        .verify(LONG);
    tick(3);
    assertThat(begun).hasValue(1);
  }

  @Test
  void completesAtOnceWhenItIsToldToStopBetweenSaves() {
    Sinks.Many<String> stop = Sinks.many().unicast().onBackpressureBuffer();
    StepVerifier.create(receipts(saves -> saves.until(stop.asFlux())), 0)
        .then(() -> tick(1))
        .then(() -> stop.tryEmitNext("now"))
        .expectComplete()
        .verify(LONG);
    tick(3);
    assertThat(begun).hasValue(0);
  }

  @Test
  void endsAsAllElseDoes() {
    StepVerifier.create(receipts(saves -> saves.until(Mono.never())))
        .then(() -> tick(1))
        .then(end::tryEmitEmpty)
        .then(() -> saves.remove().tryEmitValue(receipt(1)))
        .expectNext(receipt(1))
        .expectComplete()
        .verify(LONG);
  }

  @Test
  void failsOnceWhenItIsStoppedByWhatFailsItsSave() {
    StorageException failure = lost(1);
    Sinks.Empty<Void> stop = Sinks.empty();
    StepVerifier.create(receipts(saves -> saves.until(stop.asMono())))
        .then(() -> tick(1))
        .then(() -> stop.tryEmitError(failure))
        .then(() -> fail(failure))
        .expectErrorSatisfies(
            error -> assertThat(error).isSameAs(failure).hasNoSuppressedExceptions())
        .verify(LONG);
  }

  @Test
  void failsWhenTheLastSaveDoes() {
    Sinks.Empty<Void> stop = Sinks.empty();
    StepVerifier.create(receipts(saves -> saves.until(stop.asMono())))
        .then(() -> tick(1))
        .then(stop::tryEmitEmpty)
        .then(() -> fail(lost(1)))
        .expectErrorMessage("lost line 1")
        .verify(LONG);
  }

  @Test
  void failsAsWhatToldItToStopAfterTheSaveUnderWay() {
    Sinks.Empty<Void> stop = Sinks.empty();
    StepVerifier.create(receipts(saves -> saves.until(stop.asMono())))
        .then(() -> tick(1))
        .then(() -> stop.tryEmitError(new IllegalStateException("no signal")))
        .then(() -> saves.remove().tryEmitValue(receipt(1)))
        .expectNext(receipt(1))
        .expectErrorMessage("no signal")
        .verify(LONG);
  }

  @Test
  void savesInTheContextOfItsSubscriber() {
    List<String> traces = new ArrayList<>();
    Mono<SaveReceipt> traced =
        Mono.deferContextual(
            context -> {
              traces.add(context.get("trace"));
              return Mono.just(receipt(1));
            });
    StepVerifier.create(
            Periodic.of(PeriodicSaves.every(TICK), time, traced, end.asMono())
                .contextWrite(context -> context.put("trace", "t-1")))
        .then(() -> tick(1))
        .expectNextCount(1)
        .thenCancel()
        .verify(LONG);
    assertThat(traces).containsExactly("t-1");
  }

  @Test
  void refusesANameThatOnlyOneSaveCouldHave() {
    SaveRequest once = SaveRequest.defaults().named("rolling").onlyIfAbsent();
    assertThatThrownBy(() -> PeriodicSaves.every(TICK).request(once))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'rolling'");
  }

  @Test
  void replacesWhatItSavedBeforeUnderANameOfTheCallers() {
    Checkpointer checkpointer = Checkpointer.builder("memory:").parallelism(1).build();
    PeriodicSaves saves =
        PeriodicSaves.every(Duration.ofMillis(5))
            .request(SaveRequest.defaults().named("rolling").tags(List.of("auto")));

    List<SaveReceipt> receipts =
        checkpointer.every(saves, new StillKernel("fdtd", 1)).take(3).collectList().block(LONG);

    assertThat(receipts).extracting(SaveReceipt::name).containsOnly("rolling");
    assertThat(checkpointer.list("").collectList().block(LONG))
        .singleElement()
        .isInstanceOfSatisfying(
            CheckpointInfo.class,
            only -> {
              assertThat(only.sequence()).isEqualTo(3);
              assertThat(only.tags()).containsExactly("auto");
            });
    checkpointer.close().block(LONG);
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
