package io.ringkernel.checkpoint.core.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.CaptureReport;
import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointBuilder;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.HlcTimestamp;
import io.ringkernel.checkpoint.error.InvalidOptionException;
import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.kernel.AdaptedKernel;
import io.ringkernel.checkpoint.kernel.CheckpointableKernel;
import io.ringkernel.checkpoint.kernel.KernelAdapters;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import io.ringkernel.checkpoint.kernel.KernelMemory;
import io.ringkernel.checkpoint.kernel.QuiescedKernel;
import io.ringkernel.checkpoint.tck.DeterministicBytes;
import io.ringkernel.checkpoint.tck.Patience;
import io.ringkernel.checkpoint.tck.fault.ScriptedContent;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.NonBlocking;

/** What the host adapter has beyond the contract of a kernel: its options and its limits. */
class HostKernelTest {
  private static final int CONTROL = 128;
  private static final int PRESSURE = 20_000_000;

  /** What was asked of the kernel, in order. */
  private final List<String> events = Collections.synchronizedList(new ArrayList<>());

  private final ByteBuffer control = ByteBuffer.wrap(DeterministicBytes.array(1, CONTROL));
  private final ByteBuffer pressure = ByteBuffer.allocateDirect(PRESSURE);

  private KernelDescriptor.Builder descriptor() {
    return KernelDescriptor.builder("fdtd", "wave")
        .controlBlock(new KernelMemory.Host(control))
        .region("pressure", new KernelMemory.Host(pressure))
        .quiesce(
            () -> Mono.fromRunnable(() -> events.add("quiesce")),
            () -> Mono.fromRunnable(() -> events.add("resume")));
  }

  private CheckpointableKernel kernelWithShadows(int bytes) {
    KernelDescriptor.Builder descriptor = descriptor();
    descriptor.option("shadow-limit", Integer.toString(bytes));
    return KernelAdapters.named("host").adapt(descriptor.build());
  }

  private static Checkpoint capture(CheckpointableKernel kernel) {
    return kernel.createCheckpoint().block(Patience.LIMIT);
  }

  private static CaptureReport report(Checkpoint checkpoint) {
    return checkpoint.capture().orElseThrow();
  }

  private void fill(long seed) {
    DeterministicBytes.random(seed).fill(0, pressure.duplicate());
  }

  private static long mismatch(Checkpoint checkpoint, long seed) {
    DataChunk chunk = checkpoint.region("pressure").orElseThrow();
    ByteBuffer bytes = ByteBuffer.allocate(PRESSURE);
    chunk.content().read(0, bytes).block(Patience.LIMIT);
    return DeterministicBytes.random(seed).mismatch(0, bytes.flip());
  }

  @Test
  void capturesStraightAndSaysSoWhenTheShadowWouldBeTooLarge() {
    fill(1);
    Checkpoint checkpoint = capture(kernelWithShadows(PRESSURE + CONTROL - 1));

    assertThat(report(checkpoint).mode()).isEqualTo(CaptureReport.Mode.STRAIGHT);
    assertThat(report(checkpoint).notes()).singleElement().asString().contains("no room");
    assertThat(mismatch(checkpoint, 1)).isEqualTo(-1);
    assertThat(events).containsExactly("quiesce");
    checkpoint.close();
    assertThat(events).containsExactly("quiesce", "resume");
  }

  @Test
  void capturesAgainWhileAnEarlierShadowIsStillOpenIfThereIsRoom() {
    CheckpointableKernel kernel = kernelWithShadows(2 * (PRESSURE + CONTROL));
    fill(1);
    try (Checkpoint one = capture(kernel)) {
      fill(2);
      try (Checkpoint two = capture(kernel);
          Checkpoint three = capture(kernel)) {
        assertThat(mismatch(one, 1)).isEqualTo(-1);
        assertThat(mismatch(two, 2)).isEqualTo(-1);
        assertThat(report(two).mode()).isEqualTo(CaptureReport.Mode.SHADOW);
        assertThat(report(three).mode()).isEqualTo(CaptureReport.Mode.STRAIGHT);
      }
    }
    try (Checkpoint four = capture(kernel)) {
      assertThat(report(four).mode()).isEqualTo(CaptureReport.Mode.SHADOW);
    }
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

    assertThatThrownBy(() -> capture(kernel))
        .isInstanceOf(KernelException.class)
        .hasMessageContaining("no step");
    assertThat(events).containsExactly("quiesce", "resume");
  }

  @Test
  void adaptsOnlyWhatItCanWorkWith() {
    KernelDescriptor device = descriptor().region("gpu", new KernelMemory.Device(1, 2)).build();
    assertRefusedToAdapt(device, "'gpu' is in device memory");
    KernelDescriptor twice =
        descriptor().region("pressure", new KernelMemory.Host(control)).build();
    assertRefusedToAdapt(twice, "region 'pressure' is there twice");
  }

  private static void assertRefusedToAdapt(KernelDescriptor descriptor, String message) {
    assertThatThrownBy(() -> KernelAdapters.named("host").adapt(descriptor))
        .isInstanceOf(KernelException.class)
        .hasMessageContaining("fdtd")
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "captur | shadow | known: capture, quiesce-timeout",
        "capture | no | shadow or straight",
        "shadow-limit | -1 | number of bytes",
        "second-capture | x | wait or refuse",
        "quiesce-timeout | 0 | from 1 to 86400000",
        "resume-timeout | 1e3 | from 1 to 86400000"
      })
  void refusesAnOptionThatItCanNotTake(String option, String value, String message) {
    KernelDescriptor descriptor = descriptor().option(option, value).build();

    assertThatThrownBy(() -> KernelAdapters.named("host").adapt(descriptor))
        .isInstanceOfSatisfying(
            InvalidOptionException.class, e -> assertThat(e.option()).isEqualTo(option))
        .hasMessageContaining("fdtd")
        .hasMessageContaining(message);
  }

  /** Of the kernel's memory, with one hook that never completes, and little time for it. */
  private AdaptedKernel hanging(Mono<Void> stop, Mono<Void> go) {
    return KernelAdapters.named("host")
        .adapt(
            descriptor()
                .quiesce(() -> stop, () -> go)
                .option("quiesce-timeout", "20")
                .option("resume-timeout", "20")
                .build());
  }

  private static void assertTooLong(Mono<?> call, KernelException.Phase phase, String hook) {
    assertThatThrownBy(() -> call.block(Patience.LIMIT))
        .isInstanceOfSatisfying(KernelException.class, e -> assertThat(e.phase()).isEqualTo(phase))
        .hasMessageContaining("'fdtd'")
        .hasMessageContaining("its " + hook + " hook has not completed within 20 ms")
        .hasMessageContaining("'" + hook + "-timeout'")
        .hasCauseInstanceOf(TimeoutException.class);
  }

  @Test
  void tellsOfAStopThatNeverCompletesAndLetsTheKernelRunOn() {
    Checkpoint before = capture(KernelAdapters.named("host").adapt(descriptor().build()));
    events.clear();
    Mono<Void> never = Mono.<Void>never().doOnCancel(() -> events.add("cancelled"));
    AdaptedKernel kernel = hanging(never, Mono.fromRunnable(() -> events.add("resume")));

    assertTooLong(kernel.createCheckpoint(), KernelException.Phase.QUIESCE, "quiesce");
    assertTooLong(kernel.quiesce(), KernelException.Phase.QUIESCE, "quiesce");
    assertTooLong(kernel.restoreFromCheckpoint(before), KernelException.Phase.QUIESCE, "quiesce");
    assertThat(events)
        .containsExactly("cancelled", "resume", "cancelled", "resume", "cancelled", "resume");
    before.close();
  }

  @Test
  void tellsOfAGoThatNeverCompletesAndCancelsItOnlyBeforeTheNextStop() {
    Checkpoint before = capture(KernelAdapters.named("host").adapt(descriptor().build()));
    events.clear();
    Mono<Void> stop = Mono.fromRunnable(() -> events.add("quiesce"));
    Mono<Void> never = Mono.<Void>never().doOnCancel(() -> events.add("cancelled"));
    AdaptedKernel kernel = hanging(stop, never);

    assertTooLong(kernel.createCheckpoint(), KernelException.Phase.RESUME, "resume");
    assertThat(events).containsExactly("quiesce");
    assertTooLong(kernel.restoreFromCheckpoint(before), KernelException.Phase.RESUME, "resume");
    assertThat(events).containsExactly("quiesce", "cancelled", "quiesce");
    QuiescedKernel standing = kernel.quiesce().block(Patience.LIMIT);
    assertTooLong(standing.resume(HlcTimestamp.ZERO), KernelException.Phase.RESUME, "resume");
    assertThat(events).containsExactly("quiesce", "cancelled", "quiesce", "cancelled", "quiesce");
    before.close();
  }

  @Test
  void stopsTheKernelAgainOnlyWhenALateGoHasEnded() {
    Sinks.Empty<Void> gate = Sinks.empty();
    Mono<Void> go = gate.asMono().doOnSuccess(nothing -> events.add("runs"));
    AdaptedKernel kernel =
        KernelAdapters.named("host")
            .adapt(
                descriptor()
                    .quiesce(() -> Mono.fromRunnable(() -> events.add("quiesce")), () -> go)
                    .option("resume-timeout", "20")
                    .build());

    assertTooLong(kernel.createCheckpoint(), KernelException.Phase.RESUME, "resume");
    CompletableFuture<Checkpoint> next = kernel.createCheckpoint().toFuture();
    assertThat(events).containsExactly("quiesce");
    assertThat(next).isNotDone();
    gate.tryEmitEmpty();
    Mono.fromFuture(next).block(Patience.LIMIT).close();
    assertThat(events).containsExactly("quiesce", "runs", "quiesce", "runs");
  }

  @Test
  void callsHooksOnNoThreadThatMustNotBlockAfterOneTookTooLong() {
    AtomicReference<Thread> caller = new AtomicReference<>();
    AdaptedKernel kernel =
        hanging(Mono.never(), Mono.fromRunnable(() -> caller.set(Thread.currentThread())));

    assertTooLong(kernel.createCheckpoint(), KernelException.Phase.QUIESCE, "quiesce");
    assertThat(caller.get()).isNotInstanceOf(NonBlocking.class);
  }

  @Test
  void namesAHookThatGivesNull() {
    CheckpointableKernel kernel =
        KernelAdapters.named("host").adapt(descriptor().quiesce(() -> null, Mono::empty).build());

    assertThatThrownBy(() -> capture(kernel))
        .isInstanceOf(KernelException.class)
        .hasMessageContaining("its quiesce hook gave null");
  }

  @Test
  void saysWhichPartsOfACheckpointDoNotFit() {
    AdaptedKernel kernel = KernelAdapters.named("host").adapt(descriptor().build());
    KernelDescriptor other =
        KernelDescriptor.builder("fdtd", "wave")
            .region("velocity", new KernelMemory.Host(control))
            .standsStill()
            .build();
    try (Checkpoint checkpoint = capture(kernel)) {
      assertThatThrownBy(
              () ->
                  new HostKernelAdapterProvider()
                      .adapt(other)
                      .restoreFromCheckpoint(checkpoint)
                      .block(Patience.LIMIT))
          .isInstanceOf(KernelException.class)
          .hasMessageContaining("no region 'velocity'")
          .hasMessageContaining("describe the kernel by the parts that the checkpoint has")
          .hasMessageNotContaining("device-memory");
    }
  }

  @Test
  void aRestoreThatIsCancelledBeginsNoOtherTransfer() {
    Sinks.One<Integer> read = Sinks.one();
    AtomicInteger reads = new AtomicInteger();
    CheckpointableKernel kernel = KernelAdapters.named("host").adapt(descriptor().build());
    Checkpoint taken = capture(kernel);
    taken.close();
    DataChunk first = taken.chunks().get(0);
    DataChunk second = taken.chunks().get(1);
    Checkpoint state =
        Checkpoint.builder(taken.metadata())
            .chunk(
                first.withContent(
                    new ScriptedContent(first.size(), (offset, target) -> read.asMono())))
            .chunk(
                second.withContent(
                    new ScriptedContent(
                        second.size(),
                        (offset, target) -> Mono.fromSupplier(reads::incrementAndGet))))
            .build();
    Disposable restore = kernel.restoreFromCheckpoint(state).subscribe();
    Patience.until("it reads", () -> read.currentSubscriberCount() > 0);

    restore.dispose();
    read.tryEmitValue((int) first.size());

    // Which waits until it has let go of the kernel.
    assertThatThrownBy(() -> capture(kernel)).hasMessageContaining("parts of two states");
    assertThat(reads).hasValue(0);
  }

  @Test
  void isNotTakenForRestoredByContentThatGivesLessThanItHas() {
    CheckpointableKernel kernel = KernelAdapters.named("host").adapt(descriptor().build());
    Checkpoint taken = capture(kernel);
    taken.close();
    for (Mono<Integer> fewer : List.of(Mono.<Integer>empty(), Mono.just(1))) {
      CheckpointBuilder broken = Checkpoint.builder(taken.metadata());
      for (DataChunk chunk : taken.chunks()) {
        broken.chunk(
            chunk.withContent(new ScriptedContent(chunk.size(), (offset, target) -> fewer)));
      }

      assertThatThrownBy(() -> kernel.restoreFromCheckpoint(broken.build()).block(Patience.LIMIT))
          .isInstanceOf(KernelException.class)
          .hasMessageContaining("it stands still with about ")
          .hasMessageContaining(" at offset 0 where ")
          .hasMessageContaining(" were asked for: it must give all of them");
    }
  }
}
