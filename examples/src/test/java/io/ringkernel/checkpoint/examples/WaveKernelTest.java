package io.ringkernel.checkpoint.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.CaptureReport;
import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.ChunkType;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.Dim3;
import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.tck.Patience;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.Disposable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;

class WaveKernelTest {
  private static final WaveSetup SETUP = WaveSetup.ofSize(24).withThreads(2).withReportEvery(10);
  private static final WaveSource SOURCE = new WaveSource(0, 12, 11, 10, 1, 16);
  private static final WaveSource LATER = new WaveSource(130, 3, 20, 8, 2, 20);

  private final WaveKernel kernel = kernel(SETUP);

  private static WaveKernel kernel(WaveSetup setup) {
    WaveKernel kernel = WaveKernel.start("sim", setup);
    await(kernel.inject(SOURCE));
    await(kernel.inject(LATER));
    return kernel;
  }

  @AfterEach
  void close() {
    kernel.close();
  }

  private static <T> T await(Mono<T> mono) {
    return mono.block(Patience.LIMIT);
  }

  private static String digest(WaveKernel kernel) {
    try (Checkpoint checkpoint = await(kernel.createCheckpoint())) {
      return await(WaveDigest.of(checkpoint));
    }
  }

  /** The digest of an undisturbed run of one thread. */
  private static String digestAt(long step) {
    try (WaveKernel undisturbed = kernel(SETUP.withThreads(1))) {
      await(undisturbed.runTo(step));
      return digest(undisturbed);
    }
  }

  @Test
  void runsToAStepAndStandsThere() {
    assertThat(await(kernel.runTo(40))).isEqualTo(40);
    assertThat(await(kernel.runTo(30))).as("it was there already").isEqualTo(40);

    try (Checkpoint checkpoint = await(kernel.createCheckpoint())) {
      assertThat(checkpoint.metadata().step()).isEqualTo(40);
    }
  }

  @Test
  void doesNothingBeforeSubscription() {
    Mono<Long> run = kernel.runTo(10);
    Mono<Checkpoint> capture = kernel.createCheckpoint();
    String before = digest(kernel);

    assertThat(digest(kernel)).isEqualTo(before);
    assertThat(await(run)).isEqualTo(10);
    await(capture).close();
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 7})
  void itsBitsDoNotDependOnTheThreads(int threads) {
    try (WaveKernel other = kernel(SETUP.withThreads(threads))) {
      await(other.runTo(200));

      assertThat(digest(other)).isEqualTo(digestAt(200));
    }
  }

  /** At 30 a source is at work and another still in the queue; at 140 it is the other's turn. */
  @ParameterizedTest
  @ValueSource(longs = {0, 1, 30, 31, 120, 140, 199})
  void aRestoredRunEndsInTheSameBits(long step) {
    await(kernel.runTo(step));
    try (Checkpoint checkpoint = await(kernel.createCheckpoint());
        WaveKernel other = WaveKernel.start("other", SETUP.withThreads(1))) {
      await(other.restoreFromCheckpoint(checkpoint));
      assertThat(digest(other)).isEqualTo(digest(checkpoint));
      await(other.runTo(200));

      assertThat(digest(other)).isEqualTo(digestAt(200));
    }
  }

  private static String digest(Checkpoint checkpoint) {
    return await(WaveDigest.of(checkpoint));
  }

  @Test
  void aCaptureDuringTheRunIsTheStateAtOneStep() throws Exception {
    Map<Long, String> seen = new HashMap<>();
    CompletableFuture<Long> run = kernel.runTo(3_000).toFuture();
    while (!run.isDone() && seen.size() < 8) {
      try (Checkpoint checkpoint = await(kernel.createCheckpoint())) {
        seen.put(checkpoint.metadata().step(), digest(checkpoint));
      }
    }
    assertThat(run.get(60, TimeUnit.SECONDS)).isEqualTo(3_000);

    assertThat(seen).isNotEmpty();
    seen.forEach((step, digest) -> assertThat(digest).isEqualTo(digestAt(step)));
  }

  @Test
  void aCheckpointStaysWhatItWasWhileTheKernelRunsOn() {
    await(kernel.runTo(50));
    try (Checkpoint checkpoint = await(kernel.createCheckpoint())) {
      String before = digest(checkpoint);
      await(kernel.runTo(120));

      assertThat(digest(checkpoint)).isEqualTo(before).isEqualTo(digestAt(50));
    }
  }

  @Test
  void describesWhatItCaptured() {
    await(kernel.runTo(20));
    try (Checkpoint checkpoint = await(kernel.createCheckpoint())) {
      assertThat(checkpoint.metadata().kernelId()).isEqualTo("sim");
      assertThat(checkpoint.metadata().kernelType()).isEqualTo(WaveKernel.TYPE);
      assertThat(checkpoint.metadata().gridSize()).isEqualTo(new Dim3(24, 24, 24));
      assertThat(checkpoint.metadata().hlc().physical()).isPositive();
      assertThat(checkpoint.chunks())
          .extracting(DataChunk::type)
          .containsExactly(
              ChunkType.CONTROL_BLOCK,
              ChunkType.H2K_QUEUE,
              ChunkType.K2H_QUEUE,
              ChunkType.HLC_STATE,
              ChunkType.DEVICE_MEMORY,
              ChunkType.DEVICE_MEMORY,
              ChunkType.DEVICE_MEMORY);
      assertThat(checkpoint.region("pressure_a").orElseThrow().name()).contains("pressure_a");
      assertThat(checkpoint.size()).isEqualTo(3 * 24 * 24 * 24 * 4 + 256 + 2 * 1_088 + 24);
      CaptureReport report = checkpoint.capture().orElseThrow();
      assertThat(report.mode()).isEqualTo(CaptureReport.Mode.SHADOW);
      assertThat(report.stall()).isPositive();
    }
  }

  @Test
  void aSecondCaptureWaitsForTheFirstToBeClosedWhileTheKernelRunsOn() throws Exception {
    Checkpoint first = await(kernel.createCheckpoint());
    CompletableFuture<Checkpoint> second = kernel.createCheckpoint().toFuture();
    CompletableFuture<Checkpoint> third = kernel.createCheckpoint().toFuture();
    assertThat(await(kernel.runTo(15))).isEqualTo(15);
    assertThat(second).isNotDone();
    assertThat(first.metadata().step()).isZero();

    first.close();
    try (Checkpoint checkpoint = second.get(30, TimeUnit.SECONDS)) {
      assertThat(checkpoint.metadata().step()).isEqualTo(15);
      await(kernel.runTo(16));
      assertThat(third).isNotDone();
    }
    third.get(30, TimeUnit.SECONDS).close();
  }

  @Test
  void eachSubscriptionIsANewCapture() {
    Mono<Checkpoint> capture = kernel.createCheckpoint();
    try (Checkpoint checkpoint = await(capture)) {
      assertThat(checkpoint.metadata().step()).isZero();
    }
    await(kernel.runTo(3));
    try (Checkpoint checkpoint = await(capture)) {
      assertThat(checkpoint.metadata().step()).isEqualTo(3);
    }
  }

  @Test
  void aCancelledCaptureGivesTheShadowBack() {
    Disposable run = kernel.runTo(1_000_000).subscribe();
    for (int i = 0; i < 500; i++) {
      ClosesWhatItGets receiver = new ClosesWhatItGets();
      kernel.createCheckpoint().subscribe(receiver);
      // Before, during and after the copy.
      LockSupport.parkNanos(i * 1_000L);
      receiver.cancel();
    }
    await(kernel.createCheckpoint()).close();
    run.dispose();
  }

  /** Also what reaches it while it cancels: all others were never received by anybody. */
  private static final class ClosesWhatItGets extends BaseSubscriber<Checkpoint> {
    @Override
    protected void hookOnNext(Checkpoint checkpoint) {
      checkpoint.close();
    }
  }

  @Test
  void aCaptureCancelledWhileItWaitsIsForgotten() {
    Checkpoint first = await(kernel.createCheckpoint());
    kernel.createCheckpoint().subscribe().dispose();
    Mono<Checkpoint> third = kernel.createCheckpoint().doOnSubscribe(s -> first.close());

    await(third).close();
  }

  @Test
  void standsStillWhenNobodyWaitsForAStepAnyMore() {
    Disposable run = kernel.runTo(Long.MAX_VALUE).subscribe();
    Patience.until("it runs", () -> stepOf(kernel) > 0);
    run.dispose();
    await(kernel.takeReports());

    long stopped = stepOf(kernel);
    assertThat(stepOf(kernel)).isEqualTo(stopped);
    assertThat(await(kernel.runTo(stopped + 2))).isEqualTo(stopped + 2);
  }

  private static long stepOf(WaveKernel kernel) {
    try (Checkpoint checkpoint = await(kernel.createCheckpoint())) {
      return checkpoint.metadata().step();
    }
  }

  @Test
  void severalCanWaitForDifferentSteps() {
    StepVerifier.create(Mono.zip(kernel.runTo(5), kernel.runTo(7), kernel.runTo(9)))
        .assertNext(
            steps -> {
              assertThat(steps.getT1()).isEqualTo(5);
              assertThat(steps.getT2()).isEqualTo(7);
              assertThat(steps.getT3()).isEqualTo(9);
            })
        .expectComplete()
        .verify(Patience.LIMIT);
  }

  @Test
  void reportsTheEnergyToItsHost() {
    await(kernel.runTo(35));

    List<WaveReport> reports = await(kernel.takeReports());

    assertThat(reports).extracting(WaveReport::step).containsExactly(10L, 20L, 30L);
    assertThat(reports).allSatisfy(report -> assertThat(report.energy()).isPositive());
    assertThat(reports).allSatisfy(report -> assertThat(report.peak()).isPositive());
    assertThat(reports).extracting(WaveReport::time).isSorted();
    assertThat(await(kernel.takeReports())).isEmpty();
  }

  @Test
  void keepsTheNewestReportsWhenNobodyTakesThem() {
    await(kernel.runTo(400));

    assertThat(await(kernel.takeReports()))
        .hasSize(16)
        .last()
        .extracting(WaveReport::step)
        .isEqualTo(400L);
    assertThat(digest(kernel)).as("reports don't touch what is computed").isEqualTo(digestAt(400));
  }

  @Test
  void aFullQueueRefusesASourceUntilTheKernelTookSome() {
    for (int i = 0; i < 14; i++) {
      await(kernel.inject(LATER));
    }
    StepVerifier.create(kernel.inject(LATER))
        .expectErrorSatisfies(
            e ->
                assertThat(e)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("queue to kernel 'sim' is full"))
        .verify(Patience.LIMIT);
    await(kernel.runTo(131));

    await(kernel.inject(LATER));
  }

  @Test
  void refusesASourceOutsideTheGrid() {
    assertThatThrownBy(() -> kernel.inject(new WaveSource(0, 0, 24, 0, 1, 20)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("not within a cube of 24");
  }

  @Test
  void neverBlocksTheSubscribersThread() {
    Mono<String> work =
        kernel
            .runTo(20)
            .then(kernel.createCheckpoint())
            .flatMap(
                checkpoint ->
                    kernel
                        .restoreFromCheckpoint(checkpoint)
                        .then(Mono.fromSupplier(() -> Thread.currentThread().getName()))
                        .doFinally(signal -> checkpoint.close()))
            .subscribeOn(Schedulers.parallel());

    assertThat(await(work)).startsWith("wave-sim-signals-");
  }

  @Test
  void aSlowSubscriberDoesNotHoldUpTheRun() throws Exception {
    CompletableFuture<Void> mayGoOn = new CompletableFuture<>();
    CompletableFuture<Long> slow =
        kernel
            .runTo(1)
            .publishOn(Schedulers.boundedElastic())
            .doOnNext(s -> mayGoOn.join())
            .toFuture();

    assertThat(await(kernel.runTo(50))).isEqualTo(50);
    assertThat(slow).isNotDone();
    mayGoOn.complete(null);
    assertThat(slow.get(30, TimeUnit.SECONDS)).isEqualTo(1);
  }

  @Test
  void aClosedKernelRefusesEverything() {
    kernel.close();
    kernel.close();

    Patience.until("its threads have ended", () -> threadsOf("wave-sim").isEmpty());
    assertRefused(kernel.createCheckpoint());
    assertRefused(kernel.runTo(1));
    assertRefused(kernel.takeReports());
    assertRefused(kernel.inject(SOURCE));
  }

  @Test
  void closingFailsWhatIsWaitedFor() {
    Checkpoint first = await(kernel.createCheckpoint());
    CompletableFuture<Long> run = kernel.runTo(Long.MAX_VALUE).toFuture();
    CompletableFuture<Checkpoint> capture = kernel.createCheckpoint().toFuture();

    kernel.close();

    for (CompletableFuture<?> waiting : List.of(run, capture)) {
      assertThatThrownBy(() -> waiting.get(30, TimeUnit.SECONDS))
          .hasCauseInstanceOf(KernelException.class)
          .hasMessageContaining("the kernel is closed");
    }
    assertThat(digest(first)).as("an open checkpoint stays readable").isEqualTo(digestAt(0));
    first.close();
  }

  private static void assertRefused(Mono<?> request) {
    StepVerifier.create(request)
        .expectErrorSatisfies(
            e ->
                assertThat(e)
                    .isInstanceOf(KernelException.class)
                    .hasMessageContaining("kernel 'sim'")
                    .hasMessageContaining("the kernel is closed"))
        .verify(Patience.LIMIT);
  }

  private static List<String> threadsOf(String prefix) {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith(prefix))
        .toList();
  }
}
