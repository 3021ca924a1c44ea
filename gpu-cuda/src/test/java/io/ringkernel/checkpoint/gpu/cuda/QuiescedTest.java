package io.ringkernel.checkpoint.gpu.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.HlcTimestamp;
import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.kernel.QuiescedKernel;
import io.ringkernel.checkpoint.tck.Patience;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;

/** A persistent kernel that is kept standing for a cut. */
@ExtendWith(OnStandIn.class)
@Timeout(120)
class QuiescedTest {
  private static PersistentWave launched(String... options) {
    PersistentWave wave = new PersistentWave(0, Bytes.LONG, options).launch();
    wave.untilItGotOn();
    return wave;
  }

  private static QuiescedKernel quiesce(PersistentWave wave) {
    return wave.kernel().quiesce().block(Bytes.LONG);
  }

  private static void resume(QuiescedKernel standing) {
    standing.resume(HlcTimestamp.ZERO).block(Bytes.LONG);
  }

  @Test
  @Tag(OnStandIn.ANY_DRIVER)
  void standsStillUntilItIsResumedHoweverOftenItIsCaptured() {
    try (PersistentWave wave = launched()) {
      QuiescedKernel standing = quiesce(wave);
      long step = wave.step();
      for (int i = 0; i < 3; i++) {
        try (Checkpoint checkpoint = standing.createCheckpoint().block(Bytes.LONG)) {
          assertThat(checkpoint.metadata().step()).isEqualTo(step);
          PersistentWave.assertIsTheReference(checkpoint);
        }
      }
      assertThat(wave.step()).isEqualTo(step);
      assertThat(wave.handshake().phase()).isEqualTo(Handshake.Phase.QUIESCED);
      assertThat(wave.handshake().epoch()).as("it was stopped once").isEqualTo(1);
      resume(standing);
      wave.untilItGotOn();
      resume(standing);
      assertThatThrownBy(() -> standing.createCheckpoint().block(Bytes.LONG))
          .isInstanceOf(KernelException.class)
          .hasMessageContaining("it runs on already");
      wave.untilItGotOn();
    }
  }

  @Test
  @Tag(OnStandIn.ANY_DRIVER)
  void aShadowOutlivesTheResume() {
    try (PersistentWave wave = launched()) {
      QuiescedKernel standing = quiesce(wave);
      try (Checkpoint checkpoint = standing.createCheckpoint().block(Bytes.LONG)) {
        resume(standing);
        wave.untilItGotOn();
        PersistentWave.assertIsTheReference(checkpoint);
      }
    }
  }

  @Test
  void aStraightCaptureKeepsItStandingUntilItIsClosed() {
    try (PersistentWave wave = launched("capture", "straight")) {
      QuiescedKernel standing = quiesce(wave);
      Checkpoint checkpoint = standing.createCheckpoint().block(Bytes.LONG);
      AtomicReference<Boolean> runs = new AtomicReference<>(false);
      standing.resume(HlcTimestamp.ZERO).doOnSuccess(nothing -> runs.set(true)).subscribe();
      PersistentWave.assertIsTheReference(checkpoint);
      assertThat(runs).hasValue(false);
      checkpoint.close();
      Patience.until("it runs on", runs::get);
      wave.untilItGotOn();
    }
  }

  @Test
  @Tag(OnStandIn.ANY_DRIVER)
  void comparesWithABaseWhileItStands() {
    try (PersistentWave wave = launched()) {
      QuiescedKernel standing = quiesce(wave);
      List<DataChunk> chunks = new ArrayList<>();
      Checkpoint base;
      try (Checkpoint full = standing.createCheckpoint().block(Bytes.LONG)) {
        for (DataChunk chunk : full.chunks()) {
          byte[] bytes = Bytes.of(chunk);
          chunks.add(
              chunk
                  .withContent(ChunkContent.of(bytes))
                  .withFingerprints(Mono.just(PersistentKernelTest.fingerprints(bytes, 256))));
        }
        base = Checkpoint.of(full.metadata(), chunks, () -> {});
      }
      assertThat(standing.supportsIncremental()).isTrue();
      try (Checkpoint same = standing.createIncrementalCheckpoint(base).block(Bytes.LONG)) {
        assertThat(same.chunks())
            .allSatisfy(
                chunk -> assertThat(chunk.changedBlocks().orElseThrow().isChanged(0)).isFalse());
      }
      resume(standing);
    }
  }

  @Test
  void countsAsOneCapture() {
    try (PersistentWave wave = launched("second-capture", "refuse")) {
      QuiescedKernel standing = quiesce(wave);
      for (Mono<?> second : List.of(wave.kernel().createCheckpoint(), wave.kernel().quiesce())) {
        assertThat(catchThrowable(() -> second.block(Bytes.LONG)))
            .isInstanceOf(KernelException.class)
            .hasMessageContaining("another capture or restore is under way");
      }
      resume(standing);
      try (Checkpoint checkpoint = wave.kernel().createCheckpoint().block(Bytes.LONG)) {
        PersistentWave.assertIsTheReference(checkpoint);
      }
    }
  }

  @Test
  void isNotClosedWhileItStands() {
    PersistentWave wave = launched("timeout", "200");
    QuiescedKernel standing = quiesce(wave);
    assertThatThrownBy(() -> wave.kernel().close().block(Bytes.LONG))
        .isInstanceOf(KernelException.class)
        .hasMessageContaining("it can't be closed");
    resume(standing);
    assertThatThrownBy(() -> wave.kernel().quiesce().block(Bytes.LONG))
        .isInstanceOf(KernelException.class)
        .hasMessageContaining("it is closed");
    wave.close();
  }

  @Test
  @Tag(OnStandIn.ANY_DRIVER)
  void goesOnFromWhatItWasRestoredToWhileItStood() {
    try (PersistentWave wave = launched()) {
      try (Checkpoint early = wave.kernel().createCheckpoint().block(Bytes.LONG)) {
        wave.untilItGotOn();
        QuiescedKernel standing = quiesce(wave);
        standing.restoreFromCheckpoint(early).block(Bytes.LONG);
        assertThat(wave.step()).isEqualTo(early.metadata().step());
        resume(standing);
      }
      wave.untilItGotOn();
      try (Checkpoint later = wave.kernel().createCheckpoint().block(Bytes.LONG)) {
        PersistentWave.assertIsTheReference(later);
      }
    }
  }

  @Test
  @Tag(OnStandIn.ANY_DRIVER)
  void standsOnWithHalfAStateUntilAnotherRestoreIsWhole() {
    try (PersistentWave wave = launched()) {
      try (Checkpoint early = wave.kernel().createCheckpoint().block(Bytes.LONG)) {
        QuiescedKernel standing = quiesce(wave);
        assertThatThrownBy(() -> standing.restoreFromCheckpoint(broken(early)).block(Bytes.LONG))
            .isInstanceOf(KernelException.class)
            .hasMessageContaining("it stands still with ");
        assertThatThrownBy(() -> standing.createCheckpoint().block(Bytes.LONG))
            .isInstanceOf(KernelException.class)
            .hasMessageContaining("parts of two states");
        resume(standing);
        assertThat(wave.handshake().phase()).isEqualTo(Handshake.Phase.QUIESCED);
        wave.kernel().restoreFromCheckpoint(early).block(Bytes.LONG);
      }
      wave.untilItGotOn();
      try (Checkpoint later = wave.kernel().createCheckpoint().block(Bytes.LONG)) {
        PersistentWave.assertIsTheReference(later);
      }
    }
  }

  /** The last region of it can't be read. */
  private static Checkpoint broken(Checkpoint whole) {
    return Bytes.lastReadAs(whole, read -> Mono.error(new IllegalStateException("gone")));
  }

  @Test
  void runsOnWhenNobodyReceivesIt() {
    try (PersistentWave wave = launched()) {
      for (int i = 0; i < 20; i++) {
        // Now and then it is received after all, and then resumed as it must be.
        wave.kernel()
            .quiesce()
            .doOnNext(standing -> standing.resume(HlcTimestamp.ZERO).subscribe())
            .subscribe()
            .dispose();
        wave.untilItGotOn();
      }
      try (Checkpoint checkpoint = wave.kernel().createCheckpoint().block(Bytes.LONG)) {
        PersistentWave.assertIsTheReference(checkpoint);
      }
    }
  }

  @Test
  void saysWhyItDidNotComeToAStopAndRunsOn() {
    PersistentWave wave = new PersistentWave(0, Duration.ofMillis(200));
    assertThatThrownBy(() -> quiesce(wave))
        .isInstanceOf(KernelException.class)
        .hasMessageContaining("did not come to a stop")
        .hasMessageContaining("last said: silent");
    wave.launch();
    wave.untilItGotOn();
    resume(quiesce(wave));
    wave.untilItGotOn();
    wave.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"shadow", "straight"})
  void runsOnWhicheverCallFails(String how) {
    try (PersistentWave wave = launched("capture", how)) {
      int call = 1;
      do {
        StandIn.failAt(call++, 1);
        try {
          QuiescedKernel standing = quiesce(wave);
          try (Checkpoint made = standing.createCheckpoint().block(Bytes.LONG)) {
            assertThat(Bytes.of(made.chunks().get(0))).hasSize(16);
          } finally {
            resume(standing);
          }
        } catch (KernelException e) {
          assertThat(StandIn.failedCallName()).isNotEmpty();
          assertThat(e).hasMessageContaining("answered CUDA_ERROR_INVALID_VALUE");
        }
        wave.untilItGotOn();
      } while (!StandIn.failedCallName().isEmpty());
      assertThat(call).isGreaterThan(3);
    }
  }
}
