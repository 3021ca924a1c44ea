package io.ringkernel.checkpoint.core.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.CaptureReport;
import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.ChunkType;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.HlcTimestamp;
import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.kernel.CheckpointableKernel;
import io.ringkernel.checkpoint.kernel.KernelAdapters;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import io.ringkernel.checkpoint.kernel.KernelMemory;
import io.ringkernel.checkpoint.tck.Patience;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;

class HostKernelTest {
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final int PRESSURE = 20_000_000;

  /** What was asked of the kernel, in order. */
  private final List<String> events = Collections.synchronizedList(new ArrayList<>());

  private final AtomicReference<Mono<Void>> quiesce = new AtomicReference<>(Mono.empty());
  private final AtomicReference<Mono<Void>> resume = new AtomicReference<>(Mono.empty());
  private final ByteBuffer control = ByteBuffer.wrap(random(128, 1));
  private final ByteBuffer first =
      ByteBuffer.allocateDirect(PRESSURE / 2).put(random(PRESSURE / 2, 2)).flip();
  private final ByteBuffer second = ByteBuffer.wrap(random(PRESSURE / 2, 3));

  private static byte[] random(int size, long seed) {
    byte[] bytes = new byte[size];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  private KernelDescriptor.Builder descriptor() {
    return KernelDescriptor.builder("fdtd", "wave")
        .controlBlock(new KernelMemory.Host(control))
        .region("pressure", new KernelMemory.Host(List.of(first, second)))
        .part(ChunkType.CUSTOM, 5, new KernelMemory.Host(ByteBuffer.allocate(0)))
        .step(() -> 42)
        .hlc(() -> new HlcTimestamp(1, 2, 3))
        .quiesce(() -> quiesce.get().doOnSubscribe(s -> events.add("quiesce")))
        .resume(() -> resume.get().doOnSubscribe(s -> events.add("resume")));
  }

  private CheckpointableKernel kernel(String... options) {
    KernelDescriptor.Builder descriptor = descriptor();
    for (String option : options) {
      int equals = option.indexOf('=');
      descriptor.option(option.substring(0, equals), option.substring(equals + 1));
    }
    return KernelAdapters.named("host").adapt(descriptor.build());
  }

  private static ByteBuffer bytes(DataChunk chunk) {
    ByteBuffer target = ByteBuffer.allocate((int) chunk.size());
    chunk.content().read(0, target).block(LONG);
    return target.flip();
  }

  private ByteBuffer pressureNow() {
    return ByteBuffer.allocate(PRESSURE).put(first.duplicate()).put(second.duplicate()).flip();
  }

  private void overwrite() {
    for (ByteBuffer memory : List.of(control, first, second)) {
      memory.duplicate().put(random(memory.capacity(), 99));
    }
  }

  @Test
  void capturesAsideAndRunsOnAtOnce() {
    ByteBuffer before = pressureNow();
    ByteBuffer controlBefore = ByteBuffer.allocate(128).put(control.duplicate()).flip();

    try (Checkpoint checkpoint = kernel().createCheckpoint().block(LONG)) {
      assertThat(events).containsExactly("quiesce", "resume");
      overwrite();

      assertThat(checkpoint.metadata().kernelId()).isEqualTo("fdtd");
      assertThat(checkpoint.metadata().kernelType()).isEqualTo("wave");
      assertThat(checkpoint.metadata().step()).isEqualTo(42);
      assertThat(checkpoint.metadata().hlc()).isEqualTo(new HlcTimestamp(1, 2, 3));
      assertThat(checkpoint.chunks()).hasSize(3);
      assertThat(bytes(checkpoint.region("pressure").orElseThrow())).isEqualTo(before);
      assertThat(checkpoint.region("pressure").orElseThrow().name()).contains("pressure");
      assertThat(bytes(checkpoint.chunk(ChunkType.CONTROL_BLOCK).orElseThrow()))
          .isEqualTo(controlBefore);
      CaptureReport report = checkpoint.capture().orElseThrow();
      assertThat(report.mode()).isEqualTo(CaptureReport.Mode.SHADOW);
      assertThat(report.stall()).isPositive();
      assertThat(report.notes()).isEmpty();
    }
    assertThat(events).hasSize(2);
  }

  @ParameterizedTest
  @CsvSource({"capture=straight,''", "shadow-limit=20000127,no room"})
  void capturesStraightWhenToldOrWhenTheShadowWouldBeTooLarge(String option, String note) {
    CheckpointableKernel kernel = kernel(option);

    Checkpoint checkpoint = kernel.createCheckpoint().block(LONG);

    assertThat(events).containsExactly("quiesce");
    CaptureReport report = checkpoint.capture().orElseThrow();
    assertThat(report.mode()).isEqualTo(CaptureReport.Mode.STRAIGHT);
    assertThat(String.join("", report.notes())).contains(note);
    assertThat(bytes(checkpoint.region("pressure").orElseThrow())).isEqualTo(pressureNow());
    checkpoint.close();
    checkpoint.close();
    assertThat(events).containsExactly("quiesce", "resume");
  }

  @Test
  void usesItsShadowAgain() {
    CheckpointableKernel kernel = kernel("shadow-limit=20000128");
    for (int i = 0; i < 5; i++) {
      overwrite();
      try (Checkpoint checkpoint = kernel.createCheckpoint().block(LONG)) {
        assertThat(bytes(checkpoint.region("pressure").orElseThrow())).isEqualTo(pressureNow());
      }
    }
  }

  @Test
  void letsASecondCaptureWaitUntilTheKernelRuns() {
    CheckpointableKernel kernel = kernel("capture=straight");
    Checkpoint one = kernel.createCheckpoint().block(LONG);
    Sinks.One<Checkpoint> answer = Sinks.one();
    kernel.createCheckpoint().subscribe(answer::tryEmitValue, answer::tryEmitError);
    assertThat(Collections.frequency(events, "quiesce")).isEqualTo(1);

    one.close();

    answer.asMono().block(LONG).close();
    Patience.until("it runs on", () -> Collections.frequency(events, "resume") == 2);
  }

  @Test
  void capturesAgainWhileAnEarlierShadowIsStillOpenIfThereIsRoom() {
    CheckpointableKernel kernel = kernel("shadow-limit=50000000");
    ByteBuffer before = pressureNow();
    try (Checkpoint one = kernel.createCheckpoint().block(LONG)) {
      overwrite();
      try (Checkpoint two = kernel.createCheckpoint().block(LONG);
          Checkpoint three = kernel.createCheckpoint().block(LONG)) {
        assertThat(bytes(one.region("pressure").orElseThrow())).isEqualTo(before);
        assertThat(bytes(two.region("pressure").orElseThrow())).isEqualTo(pressureNow());
        assertThat(two.capture().orElseThrow().mode()).isEqualTo(CaptureReport.Mode.SHADOW);
        assertThat(three.capture().orElseThrow().mode()).isEqualTo(CaptureReport.Mode.STRAIGHT);
      }
    }
    try (Checkpoint four = kernel.createCheckpoint().block(LONG)) {
      assertThat(four.capture().orElseThrow().mode()).isEqualTo(CaptureReport.Mode.SHADOW);
    }
  }

  @Test
  void restoresFromItsOwnOpenCapture() {
    CheckpointableKernel kernel = kernel();
    ByteBuffer before = pressureNow();
    try (Checkpoint capture = kernel.createCheckpoint().block(LONG)) {
      overwrite();
      kernel.restoreFromCheckpoint(capture).block(LONG);
    }
    assertThat(pressureNow()).isEqualTo(before);
  }

  @Test
  void refusesToRestoreWhileAStraightCaptureIsOpen() {
    CheckpointableKernel kernel = kernel("capture=straight");
    try (Checkpoint capture = kernel.createCheckpoint().block(LONG)) {
      assertThatThrownBy(() -> kernel.restoreFromCheckpoint(capture).block(LONG))
          .isInstanceOf(KernelException.class)
          .hasMessageContaining("close its checkpoint");
    }
  }

  @Test
  void refusesASecondCaptureWhenTold() {
    CheckpointableKernel kernel = kernel("capture=straight", "second-capture=refuse");
    Checkpoint one = kernel.createCheckpoint().block(LONG);
    assertThatThrownBy(() -> kernel.createCheckpoint().block(LONG))
        .isInstanceOf(KernelException.class)
        .hasMessageContaining("under way");
    one.close();
    kernel.createCheckpoint().block(LONG).close();
  }

  @Test
  void forgetsAWaitingCaptureThatIsCancelled() {
    CheckpointableKernel kernel = kernel("capture=straight");
    Checkpoint one = kernel.createCheckpoint().block(LONG);
    Disposable waiting = kernel.createCheckpoint().subscribe(Checkpoint::close);
    waiting.dispose();
    one.close();

    kernel.createCheckpoint().block(LONG).close();
    assertThat(Collections.frequency(events, "quiesce")).isEqualTo(2);
  }

  @Test
  void runsOnWhenItDidNotComeToAStop() {
    quiesce.set(Mono.error(new IllegalStateException("stuck")));
    CheckpointableKernel kernel = kernel();

    assertThatThrownBy(() -> kernel.createCheckpoint().block(LONG))
        .isInstanceOf(KernelException.class)
        .hasMessageContaining("stuck")
        .extracting(e -> ((KernelException) e).phase())
        .isEqualTo(KernelException.Phase.QUIESCE);
    assertThat(events).containsExactly("quiesce", "resume");
    quiesce.set(Mono.empty());
    kernel.createCheckpoint().block(LONG).close();
  }

  @Test
  void runsOnWhenItIsCancelledWhileItStops() {
    quiesce.set(Mono.never());
    CheckpointableKernel kernel = kernel();
    Disposable capture = kernel.createCheckpoint().subscribe();
    Patience.until("it is asked to stop", () -> events.contains("quiesce"));

    capture.dispose();

    Patience.until("it runs on", () -> events.contains("resume"));
    quiesce.set(Mono.empty());
    kernel.createCheckpoint().block(LONG).close();
  }

  @Test
  void runsOnWhenItsStepCanNotBeTold() {
    KernelDescriptor descriptor =
        descriptor()
            .step(
                () -> {
                  throw new IllegalStateException("no step");
                })
            .build();
    CheckpointableKernel kernel = new HostKernelAdapterProvider().adapt(descriptor);

    assertThatThrownBy(() -> kernel.createCheckpoint().block(LONG))
        .isInstanceOf(KernelException.class)
        .hasMessageContaining("no step");
    assertThat(events).containsExactly("quiesce", "resume");
  }

  @Test
  void tellsWhenItCouldNotRunOn() {
    resume.set(Mono.error(new IllegalStateException("broken")));

    assertThatThrownBy(() -> kernel().createCheckpoint().block(LONG))
        .isInstanceOf(KernelException.class)
        .extracting(e -> ((KernelException) e).phase())
        .isEqualTo(KernelException.Phase.RESUME);
    assertThat(events).containsExactly("quiesce", "resume");
  }

  @Test
  void cancelledAtAnyMomentItNeitherStandsStillNorKeepsItsTurn() {
    CheckpointableKernel kernel = kernel();
    Random random = new Random(5);
    for (int i = 0; i < 60; i++) {
      AtomicReference<Checkpoint> received = new AtomicReference<>();
      Disposable capture = kernel.createCheckpoint().subscribe(received::set);
      long until = System.nanoTime() + random.nextInt(6_000_000);
      while (System.nanoTime() < until) {
        Thread.onSpinWait();
      }
      capture.dispose();
      Checkpoint checkpoint = received.get();
      if (checkpoint != null) {
        checkpoint.close();
      }
    }
    kernel.createCheckpoint().block(LONG).close();
    Patience.until(
        "every stop is followed by a start",
        () -> Collections.frequency(events, "quiesce") == Collections.frequency(events, "resume"));
  }

  @Test
  void doesNotBlockTheThreadThatSubscribes() {
    CheckpointableKernel kernel = kernel();
    kernel
        .createCheckpoint()
        .subscribeOn(Schedulers.parallel())
        .flatMap(checkpoint -> kernel.restoreFromCheckpoint(captureOf(checkpoint)))
        .block(LONG);
  }

  /** A copy whose closing does not hold the kernel's turn. */
  private static Checkpoint captureOf(Checkpoint checkpoint) {
    List<DataChunk> chunks =
        checkpoint.chunks().stream().map(c -> c.withContent(ChunkContent.of(copy(c)))).toList();
    checkpoint.close();
    return Checkpoint.of(checkpoint.metadata(), chunks, () -> {});
  }

  private static ByteBuffer copy(DataChunk chunk) {
    ByteBuffer copy = ByteBuffer.allocate((int) chunk.size());
    long at = 0;
    while (at < chunk.size()) {
      ByteBuffer view = chunk.content().view(at, (int) (chunk.size() - at));
      at += view.remaining();
      copy.put(view.duplicate());
    }
    return copy.flip();
  }

  private Checkpoint snapshot() {
    try (Checkpoint checkpoint = kernel().createCheckpoint().block(LONG)) {
      Checkpoint copy = captureOf(checkpoint);
      events.clear();
      return copy;
    }
  }

  @Test
  void restoresWhatItWas() {
    ByteBuffer before = pressureNow();
    Checkpoint snapshot = snapshot();
    overwrite();

    kernel().restoreFromCheckpoint(snapshot).block(LONG);

    assertThat(pressureNow()).isEqualTo(before);
    assertThat(events).containsExactly("quiesce", "resume");
  }

  @Test
  void refusesWhatDoesNotFitBeforeItIsTouched() {
    Checkpoint fitting = snapshot();
    ByteBuffer before = pressureNow();
    List<DataChunk> chunks = fitting.chunks();
    DataChunk shorter = chunks.get(1).withContent(ChunkContent.of(new byte[10]));
    DataChunk extra = DataChunk.of(ChunkType.TELEMETRY, 0, ChunkContent.empty());
    assertRefused(List.of(chunks.get(0), shorter, chunks.get(2)), "10 bytes");
    assertRefused(List.of(chunks.get(0), chunks.get(2)), "pressure");
    assertRefused(List.of(chunks.get(0), chunks.get(1), chunks.get(2), extra), "telemetry");
    CheckpointMetadata otherType = CheckpointMetadata.builder("fdtd", "heat").build();
    assertThatThrownBy(
            () ->
                kernel()
                    .restoreFromCheckpoint(Checkpoint.of(otherType, chunks, () -> {}))
                    .block(LONG))
        .isInstanceOf(KernelException.class)
        .hasMessageContaining("heat");

    assertThat(events).isEmpty();
    assertThat(pressureNow()).isEqualTo(before);
  }

  private void assertRefused(List<DataChunk> chunks, String message) {
    Checkpoint checkpoint =
        Checkpoint.of(CheckpointMetadata.builder("fdtd", "wave").build(), chunks, () -> {});
    assertThatThrownBy(() -> kernel().restoreFromCheckpoint(checkpoint).block(LONG))
        .isInstanceOf(KernelException.class)
        .hasMessageContaining(message)
        .hasMessageContaining("not touched");
  }

  @Test
  void standsStillAfterARestoreThatFailedHalfWay() {
    Checkpoint fitting = snapshot();
    ChunkContent failing = new FailingContent(fitting.chunks().get(1).content());
    List<DataChunk> chunks =
        List.of(
            fitting.chunks().get(0),
            fitting.chunks().get(1).withContent(failing),
            fitting.chunks().get(2));
    CheckpointableKernel kernel = kernel();

    assertThatThrownBy(
            () ->
                kernel
                    .restoreFromCheckpoint(Checkpoint.of(fitting.metadata(), chunks, () -> {}))
                    .block(LONG))
        .isInstanceOf(KernelException.class)
        .hasMessageContaining("stands still")
        .hasMessageContaining("10000128 of 20000128")
        .hasRootCauseMessage("bad sector");
    assertThat(events).containsExactly("quiesce");

    kernel.restoreFromCheckpoint(fitting).block(LONG);
    assertThat(events).containsExactly("quiesce", "quiesce", "resume");
  }

  private record FailingContent(ChunkContent good) implements ChunkContent {
    @Override
    public long size() {
      return good.size();
    }

    @Override
    public Mono<Integer> read(long offset, ByteBuffer target) {
      return offset == 0
          ? good.read(offset, target)
          : Mono.error(new IllegalStateException("bad sector"));
    }
  }

  @Test
  void runsOnWhenARestoreIsCancelledBeforeAnythingIsWritten() {
    Checkpoint snapshot = snapshot();
    quiesce.set(Mono.never());
    CheckpointableKernel kernel = kernel();
    Disposable restore = kernel.restoreFromCheckpoint(snapshot).subscribe();
    Patience.until("it is asked to stop", () -> events.contains("quiesce"));

    restore.dispose();

    Patience.until("it runs on", () -> events.contains("resume"));
    quiesce.set(Mono.empty());
    kernel.restoreFromCheckpoint(snapshot).block(LONG);
  }

  @Test
  void adaptsOnlyWhatItCanWorkWith() {
    KernelDescriptor device = descriptor().region("gpu", new KernelMemory.Device(1, 2)).build();
    assertRefusedToAdapt(device, "'gpu' is in device memory");
    KernelDescriptor twice =
        descriptor().region("pressure", new KernelMemory.Host(control)).build();
    assertRefusedToAdapt(twice, "there twice");
    assertRefusedToAdapt(descriptor().option("captur", "shadow").build(), "'captur' is unknown");
    assertRefusedToAdapt(descriptor().option("capture", "no").build(), "shadow or straight");
    assertRefusedToAdapt(descriptor().option("shadow-limit", "-1").build(), "number of bytes");
    assertRefusedToAdapt(descriptor().option("second-capture", "x").build(), "wait or refuse");
  }

  private static void assertRefusedToAdapt(KernelDescriptor descriptor, String message) {
    assertThatThrownBy(() -> KernelAdapters.named("host").adapt(descriptor))
        .isInstanceOf(KernelException.class)
        .hasMessageContaining("fdtd")
        .hasMessageContaining(message);
  }
}
