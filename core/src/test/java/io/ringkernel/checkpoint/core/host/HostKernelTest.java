package io.ringkernel.checkpoint.core.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.CaptureReport;
import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.kernel.CheckpointableKernel;
import io.ringkernel.checkpoint.kernel.KernelAdapters;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import io.ringkernel.checkpoint.kernel.KernelMemory;
import io.ringkernel.checkpoint.tck.DeterministicBytes;
import io.ringkernel.checkpoint.tck.Patience;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

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
