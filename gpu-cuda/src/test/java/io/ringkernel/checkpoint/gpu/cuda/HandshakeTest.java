package io.ringkernel.checkpoint.gpu.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.error.DeviceLostException;
import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import io.ringkernel.checkpoint.kernel.KernelMemory;
import io.ringkernel.checkpoint.tck.Patience;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Mono;

/** What becomes of a question that a persistent kernel does not answer, or not any more. */
@ExtendWith(OnStandIn.class)
@Timeout(60)
class HandshakeTest {
  private static final Duration SHORT = Duration.ofMillis(300);

  private static Checkpoint capture(PersistentWave wave) {
    return wave.kernel().createCheckpoint().block(Bytes.LONG);
  }

  @Test
  @Tag(OnStandIn.ANY_DRIVER)
  void tellsWhatAKernelLastSaidThatDoesNotAnswer() {
    // Never launched: it says nothing, for ever.
    PersistentWave wave = new PersistentWave(0, SHORT);
    assertThatThrownBy(() -> capture(wave))
        .isInstanceOf(KernelException.class)
        .hasMessageContaining("did not come to a stop")
        .hasMessageContaining("last said: silent at step 0, epoch 0, request 0 of ")
        .extracting(e -> ((KernelException) e).phase())
        .isEqualTo(KernelException.Phase.QUIESCE);
    wave.close();
  }

  @Test
  @Tag(OnStandIn.ANY_DRIVER)
  void waitsForAKernelThatMayTakeForEver() {
    PersistentWave wave = new PersistentWave(0, ChronoUnit.FOREVER.getDuration());
    wave.launch();
    wave.untilItGotOn();
    try (Checkpoint checkpoint = capture(wave)) {
      PersistentWave.assertIsTheReference(checkpoint);
    }
    wave.close();
  }

  /** Its blocks would read the table while another is written over it. */
  @Test
  void isNotCapturedWhileItsBlocksMayStillWorkAnEarlierCaptureOff() {
    PersistentWave wave = new PersistentWave(0, SHORT);
    assertThatThrownBy(() -> wave.handshake().capture(0, () -> {}).block(Bytes.LONG))
        .hasMessageContaining("last said: silent");
    long unused = StandIn.copiedIn();

    assertThatThrownBy(() -> capture(wave))
        .isInstanceOf(KernelException.class)
        .hasMessageContaining("an earlier capture by the kernel's own blocks did not end within")
        .hasCauseInstanceOf(TimeoutException.class);

    assertThat(StandIn.copiedIn()).as("bytes of a table").isZero();
    // It finds that it is asked to capture while it runs, and says that it does not.
    wave.launch();
    wave.untilItGotOn();
    try (Checkpoint checkpoint = capture(wave)) {
      PersistentWave.assertIsTheReference(checkpoint);
    }
    wave.close();
  }

  @Test
  void tellsThatItsDeviceIsLostAlsoWhereAnEarlierCaptureHasNotEnded() {
    PersistentWave wave = new PersistentWave(1, SHORT);
    assertThatThrownBy(() -> wave.handshake().capture(0, () -> {}).block(Bytes.LONG))
        .hasMessageContaining("last said: silent");
    StandIn.lose(1, StandIn.LAUNCH_FAILED);

    assertThatThrownBy(() -> capture(wave)).isInstanceOf(DeviceLostException.class);

    assertThatThrownBy(() -> wave.kernel().close().block(Bytes.LONG))
        .isInstanceOf(DeviceLostException.class);
    GpuMemory.use(1);
    wave.handshake().close();
    GpuMemory.letGo(1);
    GpuMemory.hold(1);
  }

  /** Each question with what it is about, and what did not become of it. */
  private static Stream<Arguments> questions() {
    return Stream.of(
        question(Handshake::quiesce, KernelException.Phase.QUIESCE, "it did not come to a stop"),
        question(
            HandshakeTest::asDescribed, KernelException.Phase.QUIESCE, "it did not come to a stop"),
        question(Handshake::resume, KernelException.Phase.RESUME, "it did not run on"),
        question(Handshake::reload, KernelException.Phase.RESUME, "it did not run on as restored"),
        question(Handshake::stop, KernelException.Phase.QUIESCE, "it did not end"));
  }

  /** By the hook of a description, as anybody may. */
  private static Mono<Void> asDescribed(Handshake handshake) {
    KernelDescriptor.Builder described =
        KernelDescriptor.builder("k", "t")
            .controlBlock(new KernelMemory.Host(ByteBuffer.allocate(8)));
    return handshake.describe(described).build().quiesce().get();
  }

  private static Arguments question(
      Function<Handshake, Mono<Void>> asked, KernelException.Phase phase, String otherwise) {
    return Arguments.of(asked, phase, otherwise);
  }

  @ParameterizedTest
  @MethodSource("questions")
  void tellsWhoAsksItWithoutTheAdapterAsWell(
      Function<Handshake, Mono<Void>> asked, KernelException.Phase phase, String otherwise) {
    // Never launched.
    PersistentWave wave = new PersistentWave(0, SHORT);
    assertThatThrownBy(() -> asked.apply(wave.handshake()).block(Bytes.LONG))
        .isInstanceOf(KernelException.class)
        .hasMessageContaining("kernel 'wave-0'")
        .hasMessageContaining(otherwise + ": ")
        .hasMessageContaining("last said: silent")
        .hasCauseInstanceOf(TimeoutException.class)
        .extracting(e -> ((KernelException) e).phase())
        .isEqualTo(phase);
    wave.close();
  }

  @Test
  void tellsThatAKernelDoesNotAnswerBecauseItsDeviceIsLost() {
    PersistentWave wave = new PersistentWave(1, SHORT);
    StandIn.lose(1, StandIn.LAUNCH_FAILED);
    assertThatThrownBy(() -> capture(wave))
        .isInstanceOf(DeviceLostException.class)
        .hasMessageContaining("CUDA_ERROR_LAUNCH_FAILED");
    assertThatThrownBy(() -> wave.kernel().close().block(Bytes.LONG))
        .isInstanceOf(DeviceLostException.class);
    GpuMemory.use(1);
    wave.handshake().close();
    // With its context all that was in it is gone.
    GpuMemory.letGo(1);
    GpuMemory.hold(1);
  }

  @Test
  @Tag(OnStandIn.ANY_DRIVER)
  void runsOnWhenItAnswersTooLate() {
    PersistentWave wave = new PersistentWave(0, SHORT);
    assertThatThrownBy(() -> capture(wave)).isInstanceOf(KernelException.class);
    // What was asked of it in vain, it finds at its first safe point: and that it was taken back.
    wave.launch();
    wave.untilItGotOn();
    try (Checkpoint checkpoint = capture(wave)) {
      PersistentWave.assertIsTheReference(checkpoint);
    }
    wave.close();
  }

  @Test
  @Tag(OnStandIn.ANY_DRIVER)
  void saysThatAKernelHasEnded() {
    PersistentWave wave = new PersistentWave(0, Bytes.LONG).launch();
    wave.stop();
    Patience.until("it ends", () -> wave.handshake().phase() == Handshake.Phase.ENDED);
    assertThatThrownBy(() -> capture(wave))
        .isInstanceOf(KernelException.class)
        .hasMessageContaining("does not answer any more")
        .hasMessageContaining("last said: ended");
    wave.close();
  }

  @Test
  @Tag(OnStandIn.ANY_DRIVER)
  void keepsItsHandshakeWhileItRuns() {
    try (PersistentWave wave = new PersistentWave(0, Bytes.LONG).launch()) {
      wave.untilItGotOn();
      GpuMemory.use(0);
      assertThatThrownBy(() -> wave.handshake().close())
          .isInstanceOf(KernelException.class)
          .hasMessageContaining("kernel 'wave-0'")
          .hasMessageContaining("end it before its handshake is closed");
    }
  }
}
