package io.ringkernel.checkpoint.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.HlcTimestamp;
import io.ringkernel.checkpoint.core.Checkpointer;
import io.ringkernel.checkpoint.core.GroupReceipt;
import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.kernel.QuiescedKernel;
import io.ringkernel.checkpoint.tck.Patience;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.Disposable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Mono;

@Timeout(120)
class WavePairTest {
  private static final WaveSetup SETUP = WaveSetup.ofSize(20).withThreads(1).withReportEvery(10);

  /** Near the face, so that the other cube soon hears of it. */
  private static final WaveSource SOURCE = new WaveSource(0, 9, 10, 17, 1, 16);

  private final WavePair pair = pair();
  private final Checkpointer checkpointer = Checkpointer.open("memory:");

  @AfterEach
  void close() {
    pair.close();
    await(checkpointer.close());
  }

  private static WavePair pair() {
    WavePair pair = WavePair.start("lower", "upper", SETUP);
    await(pair.lower().inject(SOURCE));
    return pair;
  }

  private static <T> T await(Mono<T> mono) {
    return mono.block(Patience.LIMIT);
  }

  private static Mono<Void> run(WavePair pair, long step) {
    return Mono.when(pair.lower().runTo(step), pair.upper().runTo(step));
  }

  private static List<String> digests(WavePair pair) {
    return List.of(digest(pair.lower()), digest(pair.upper()));
  }

  private static String digest(WaveKernel kernel) {
    try (Checkpoint checkpoint = await(kernel.createCheckpoint())) {
      return await(WaveDigest.of(checkpoint));
    }
  }

  private static List<String> undisturbedAt(long step) {
    try (WavePair undisturbed = pair()) {
      await(run(undisturbed, step));
      return digests(undisturbed);
    }
  }

  @Test
  void theWaveGoesFromOneCubeIntoTheOther() {
    await(run(pair, 60));

    double energy = await(pair.upper().takeReports()).get(5).energy();
    assertThat(energy).isGreaterThan(1e-6);
  }

  @Test
  void oneDoesNotRunAheadOfTheOther() {
    CompletableFuture<Long> lower = pair.lower().runTo(40).toFuture();
    Disposable abandoned = pair.upper().runTo(10).subscribe();
    Patience.until("the other is there", abandoned::isDisposed);

    try (Checkpoint checkpoint = await(pair.lower().createCheckpoint())) {
      assertThat(checkpoint.metadata().step()).isLessThanOrEqualTo(11);
    }
    assertThat(lower).isNotDone();
  }

  @Test
  void aGroupOfBothGoesOnWithTheSameBits() throws Exception {
    CompletableFuture<Void> run = run(pair, 1_500).toFuture();
    GroupReceipt saved =
        await(checkpointer.groups().save("room", List.of(pair.lower(), pair.upper())));
    run.get(60, TimeUnit.SECONDS);
    assertThat(digests(pair)).isEqualTo(undisturbedAt(1_500));

    try (WavePair other = WavePair.start("lower", "upper", SETUP)) {
      await(checkpointer.groups().restore(saved.name(), List.of(other.upper(), other.lower())));
      await(run(other, 1_500));
      assertThat(digests(other)).isEqualTo(undisturbedAt(1_500));
    }
  }

  @Test
  void standsStillUntilItIsTold() throws Exception {
    CompletableFuture<Long> lower = pair.lower().runTo(200).toFuture();
    CompletableFuture<Long> upper = pair.upper().runTo(200).toFuture();
    QuiescedKernel standing = await(pair.lower().quiesce());
    // It waits for the one that stands, and can be stopped all the same.
    QuiescedKernel other = await(pair.upper().quiesce());
    CompletableFuture<Checkpoint> waiting = pair.lower().createCheckpoint().toFuture();

    long step;
    try (Checkpoint first = await(standing.createCheckpoint())) {
      step = first.metadata().step();
      assertThat(first.metadata().hlc()).isEqualTo(standing.hlc());
    }
    try (Checkpoint second = await(standing.createCheckpoint())) {
      assertThat(second.metadata().step()).isEqualTo(step);
    }
    if (step < 200) {
      assertThat(lower).isNotDone();
    }
    assertThat(waiting).isNotDone();
    assertThatThrownBy(
            () -> await(pair.lower().restoreFromCheckpoint(await(other.createCheckpoint()))))
        .isInstanceOf(KernelException.class);

    HlcTimestamp cut = new HlcTimestamp(standing.hlc().physical() + 1_000_000_000L, 0, 1);
    await(standing.resume(cut));
    await(standing.resume(cut));
    await(other.resume(cut));
    waiting.get(30, TimeUnit.SECONDS).close();
    lower.get(60, TimeUnit.SECONDS);
    upper.get(60, TimeUnit.SECONDS);
    assertThat(await(pair.lower().takeReports()))
        .filteredOn(report -> report.step() > step)
        .extracting(WaveReport::time)
        .allMatch(time -> time.compareTo(cut) > 0);
    assertThatThrownBy(() -> await(standing.createCheckpoint()))
        .isInstanceOf(KernelException.class)
        .hasMessageContaining("runs on");
  }

  @Test
  void aQuiesceThatIsCancelledLeavesItRunning() {
    Disposable run = run(pair, 1_000_000).subscribe();
    for (int i = 0; i < 300; i++) {
      ResumesWhatItGets receiver = new ResumesWhatItGets();
      pair.lower().quiesce().subscribe(receiver);
      for (int spin = 0; spin < i * 50; spin++) {
        Thread.onSpinWait();
      }
      receiver.cancel();
    }
    // If one were left standing, this would wait for it.
    await(await(pair.lower().quiesce()).resume(HlcTimestamp.ZERO));
    run.dispose();
  }

  /** Also what reaches it while it cancels: all others were never received by anybody. */
  private static final class ResumesWhatItGets extends BaseSubscriber<QuiescedKernel> {
    @Override
    protected void hookOnNext(QuiescedKernel standing) {
      standing.resume(HlcTimestamp.ZERO).subscribe();
    }
  }

  @Test
  void refusesTheCheckpointOfTheOtherFace() {
    try (Checkpoint upper = await(pair.upper().createCheckpoint())) {
      assertThatThrownBy(() -> await(pair.lower().restoreFromCheckpoint(upper)))
          .isInstanceOf(KernelException.class)
          .hasMessageContaining("face");
    }
    try (WaveKernel alone = WaveKernel.start("alone", SETUP);
        Checkpoint lower = await(pair.lower().createCheckpoint())) {
      assertThatThrownBy(() -> await(alone.restoreFromCheckpoint(lower)))
          .isInstanceOf(KernelException.class)
          .hasMessageContaining("no place");
    }
  }
}
