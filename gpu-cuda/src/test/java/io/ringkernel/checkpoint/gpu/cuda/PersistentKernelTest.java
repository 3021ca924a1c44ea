package io.ringkernel.checkpoint.gpu.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.BlockFingerprints;
import io.ringkernel.checkpoint.CaptureReport;
import io.ringkernel.checkpoint.ChangedBlocks;
import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.FingerprintAlgorithm;
import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.format.wire.Fingerprinter;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import io.ringkernel.checkpoint.kernel.KernelMemory;
import io.ringkernel.checkpoint.tck.Patience;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;

/**
 * A kernel that fills the device and never ends is captured and restored without ending it. While
 * it runs the stand-in lets nothing else run, and makes whoever allocates or frees wait.
 */
@ExtendWith(OnStandIn.class)
@Timeout(120)
class PersistentKernelTest {
  private static PersistentWave wave(String... options) {
    return new PersistentWave(0, Bytes.LONG, options);
  }

  private static Checkpoint capture(PersistentWave wave) {
    return wave.kernel().createCheckpoint().block(Bytes.LONG);
  }

  @ParameterizedTest
  @ValueSource(strings = {"shadow", "straight"})
  @Tag(OnStandIn.ANY_DRIVER)
  void isCapturedWithoutEndingIt(String how) {
    try (PersistentWave wave = wave("capture", how).launch()) {
      for (int i = 1; i <= 3; i++) {
        wave.untilItGotOn();
        try (Checkpoint checkpoint = capture(wave)) {
          assertThat(checkpoint.capture().orElseThrow().mode().name()).isEqualToIgnoringCase(how);
          assertThat(checkpoint.metadata().step()).isPositive();
          if (how.equals("shadow")) {
            wave.untilItGotOn();
          }
          PersistentWave.assertIsTheReference(checkpoint);
          assertThat(wave.handshake().epoch()).isEqualTo(i);
        }
      }
      wave.untilItGotOn();
    }
  }

  @Test
  void goesOnBitByBitWhereAnotherDeviceLeftOff() {
    try (PersistentWave target = new PersistentWave(1, Bytes.LONG).launch()) {
      long at;
      try (PersistentWave source = wave().launch()) {
        source.untilItGotOn();
        try (Checkpoint checkpoint = capture(source)) {
          at = checkpoint.metadata().step();
          target.kernel().restoreFromCheckpoint(checkpoint).block(Bytes.LONG);
        }
      }
      target.untilItGotOn();
      try (Checkpoint later = capture(target)) {
        assertThat(later.metadata().step()).isGreaterThan(at);
        PersistentWave.assertIsTheReference(later);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"shadow", "straight"})
  @Tag(OnStandIn.ANY_DRIVER)
  void findsOutByItselfWhatChanged(String how) {
    try (PersistentWave wave = wave("capture", how).launch()) {
      wave.untilItGotOn();
      List<byte[]> before = new ArrayList<>();
      Checkpoint base;
      try (Checkpoint full = capture(wave)) {
        base = baseOf(full, before);
      }
      try (Checkpoint changed = wave.kernel().createIncrementalCheckpoint(base).block(Bytes.LONG)) {
        assertThat(changed.capture().orElseThrow().notes()).isEmpty();
        List<DataChunk> chunks = new ArrayList<>();
        for (int i = 0; i < before.size(); i++) {
          chunks.add(patched(changed.chunks().get(i), before.get(i)));
        }
        Checkpoint whole = Checkpoint.of(changed.metadata(), chunks, () -> {});
        PersistentWave.assertIsTheReference(whole);
      }
    }
  }

  /** What a store knows of a checkpoint; its bytes are kept aside. */
  static Checkpoint baseOf(Checkpoint full, List<byte[]> kept) {
    List<DataChunk> chunks = new ArrayList<>();
    for (DataChunk chunk : full.chunks()) {
      byte[] bytes = Bytes.of(chunk);
      kept.add(bytes);
      chunks.add(
          chunk
              .withContent(ChunkContent.of(bytes))
              .withFingerprints(Mono.just(fingerprints(bytes, 256))));
    }
    return Checkpoint.of(full.metadata(), chunks, () -> {});
  }

  static BlockFingerprints fingerprints(byte[] bytes, int blockSize) {
    int count = (bytes.length + blockSize - 1) / blockSize;
    byte[] values = new byte[16 * count];
    for (int i = 0; i < count; i++) {
      int length = Math.min(blockSize, bytes.length - i * blockSize);
      ByteBuffer block = ByteBuffer.wrap(bytes, i * blockSize, length);
      Fingerprinter.of(FingerprintAlgorithm.XXH3_128).hash(block, values, 16 * i);
    }
    return BlockFingerprints.of(blockSize, FingerprintAlgorithm.XXH3_128, values);
  }

  private static DataChunk patched(DataChunk chunk, byte[] before) {
    return chunk.withContent(ChunkContent.of(patch(chunk, before, 256)));
  }

  /** The base's bytes under those of the changed blocks, which must have the fingerprints told. */
  static byte[] patch(DataChunk chunk, byte[] before, int blockSize) {
    byte[] bytes = before.clone();
    ChangedBlocks changed = chunk.changedBlocks().orElseThrow();
    for (int at = 0; at < bytes.length; at += blockSize) {
      if (changed.isChanged(at / blockSize)) {
        ByteBuffer target = ByteBuffer.wrap(bytes, at, Math.min(blockSize, bytes.length - at));
        chunk.content().read(at, target).block(Bytes.LONG);
      }
    }
    assertThat(chunk.fingerprints().block(Bytes.LONG)).isEqualTo(fingerprints(bytes, blockSize));
    return bytes;
  }

  @Test
  @Tag(OnStandIn.ANY_DRIVER)
  void endsWhenItIsToldToThoughItsLastCaptureIsJustBeingClosed() {
    for (int i = 0; i < 20; i++) {
      PersistentWave wave = wave("capture", "straight").launch();
      capture(wave).close();
      wave.close();
    }
  }

  /** As soon as all of it was read, the kernel hears no more. */
  private static Checkpoint deafening(Checkpoint whole) {
    return Bytes.lastReadAs(whole, read -> read.doOnNext(all -> StandIn.deaf(1)));
  }

  /** What it has in registers is of the state before, whatever lets it run on at last. */
  @Test
  void readsItsStateAgainAlsoWhenItDidNotRunOnAtOnceAfterARestore() {
    try (PersistentWave wave = wave("timeout", "1000").launch()) {
      wave.untilItGotOn();
      try (Checkpoint early = capture(wave)) {
        wave.untilItGotOn();
        assertThatThrownBy(
                () -> wave.kernel().restoreFromCheckpoint(deafening(early)).block(Bytes.LONG))
            .isInstanceOf(KernelException.class)
            .hasMessageContaining("it is restored, and stands still");
      }
      String before = wave.handshake().toString();
      CompletableFuture<Checkpoint> next = wave.kernel().createCheckpoint().toFuture();
      Patience.until("it is asked", () -> !wave.handshake().toString().equals(before));
      StandIn.deaf(0);
      next.join().close();
      wave.untilItGotOn();
      try (Checkpoint later = capture(wave)) {
        PersistentWave.assertIsTheReference(later);
      }
    }
  }

  @Test
  void canNotBeAdaptedOnceItFillsTheDevice() {
    try (PersistentWave running = wave().launch()) {
      running.untilItGotOn();
      KernelDescriptor late =
          KernelDescriptor.builder("late", "t")
              .controlBlock(new KernelMemory.Host(ByteBuffer.allocate(8)))
              .standsStill()
              .option("timeout", "100")
              .option("quiesce-timeout", "100")
              .build();
      assertThatThrownBy(() -> new CudaKernelAdapterProvider().adapt(late))
          .isInstanceOf(KernelException.class)
          .hasMessageContaining("late")
          .hasMessageContaining("never ends");
    }
    // What the driver gave it at last, it gives back: the next test counts.
    Patience.until("nothing is left of it", () -> StandIn.live(StandIn.Kind.HOST_MEMORY) == 0);
    Patience.until("nor its context", () -> StandIn.live(StandIn.Kind.CONTEXT) == 2);
  }

  @Test
  void isGivenBackOnlyOnceItHasEnded() {
    PersistentWave wave = wave("timeout", "100", "quiesce-timeout", "100").launch();
    wave.untilItGotOn();
    assertThatThrownBy(() -> wave.kernel().close().block(Bytes.LONG))
        .isInstanceOf(KernelException.class)
        .hasMessageContaining("never ends");
    assertThatThrownBy(() -> capture(wave))
        .isInstanceOf(KernelException.class)
        .hasMessageContaining("it is closed");
    wave.stop();
    wave.closeOwn();
    Patience.until("nothing is left of it", () -> StandIn.live(StandIn.Kind.HOST_MEMORY) == 0);
    Patience.until("nor its context", () -> StandIn.live(StandIn.Kind.CONTEXT) == 2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"shadow", "straight"})
  void runsOnWhicheverCallFails(String how) {
    try (PersistentWave wave = wave("capture", how).launch()) {
      Checkpoint base;
      try (Checkpoint full = capture(wave)) {
        base = baseOf(full, new ArrayList<>());
      }
      int call = 1;
      do {
        StandIn.failAt(call++, 1);
        try (Checkpoint made = wave.kernel().createIncrementalCheckpoint(base).block(Bytes.LONG)) {
          assertThat(Bytes.of(made.chunks().get(0))).hasSize(16);
        } catch (KernelException e) {
          assertThat(StandIn.failedCallName()).isNotEmpty();
          assertThat(e).hasMessageContaining("answered CUDA_ERROR_INVALID_VALUE");
        }
        wave.untilItGotOn();
      } while (!StandIn.failedCallName().isEmpty());
      assertThat(call).isGreaterThan(10);
      StandIn.failAt(0, 0);
      try (Checkpoint checkpoint = capture(wave)) {
        PersistentWave.assertIsTheReference(checkpoint);
      }
    }
  }

  @Test
  void reportsAStallThatEndsBeforeTheStateIsRead() {
    try (PersistentWave wave = wave().launch()) {
      wave.untilItGotOn();
      try (Checkpoint checkpoint = capture(wave)) {
        CaptureReport report = checkpoint.capture().orElseThrow();
        assertThat(report.stall()).isPositive().isLessThan(Bytes.LONG);
        assertThat(report.notes()).isEmpty();
      }
    }
  }
}
