package io.ringkernel.checkpoint.tck.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.CaptureReport;
import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.ChunkType;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.tck.Patience;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;

/** A capture is all of the state, at one moment, and stays what it was. */
abstract class CaptureTopic extends KernelTopic {
  private static final int CAPTURES = 12;

  CaptureTopic(KernelContract contract) {
    super(contract);
  }

  @Test
  void takesEveryByteOfEveryPart() {
    List<StatePart> before = subject().state();
    overwrite(1);
    List<StatePart> state = subject().state();
    try (Checkpoint checkpoint = capture()) {
      assertSame(read(checkpoint), state);
      for (int i = 0; i < state.size(); i++) {
        Fingerprints.assertRight(checkpoint.chunks().get(i), state.get(i));
      }
    }
    subject().overwrite(bytesOf(before));
  }

  @Test
  void saysWhatItIsOf() {
    try (Checkpoint checkpoint = capture()) {
      CheckpointMetadata metadata = checkpoint.metadata();
      CheckpointMetadata expected = subject().metadata();
      assertThat(metadata.kernelId()).isEqualTo(kernel().kernelId());
      assertThat(metadata.kernelType()).isEqualTo(kernel().kernelType());
      assertThat(metadata.toBuilder().createdAtMicros(0).build()).isEqualTo(expected);
    }
  }

  @Test
  void namesItsRegionsByTheirIds() {
    try (Checkpoint checkpoint = capture()) {
      for (DataChunk region : checkpoint.chunks(ChunkType.DEVICE_MEMORY)) {
        String name = region.name().orElseThrow();
        assertThat(region.id()).isEqualTo(DataChunk.regionId(name));
        assertThat(checkpoint.region(name)).contains(region);
      }
      long size = subject().state().stream().mapToLong(part -> part.bytes().length).sum();
      assertThat(checkpoint.size()).isEqualTo(size);
    }
  }

  @Test
  void reportsWhatItCostTheKernel() {
    try (Checkpoint checkpoint = capture()) {
      CaptureReport report = checkpoint.capture().orElseThrow();
      assertThat(report.mode() == CaptureReport.Mode.SHADOW)
          .isEqualTo(can(KernelCapability.SHADOW));
      assertThat(report.stall().isNegative()).isFalse();
    }
  }

  @Test
  void isOfOneMomentHoweverTheKernelRuns() {
    Set<Long> steps = new HashSet<>();
    Disposable run = subject().run();
    try {
      for (int i = 0; i < CAPTURES; i++) {
        try (Checkpoint checkpoint = capture()) {
          subject().assertWasReached(checkpoint.metadata(), read(checkpoint));
          steps.add(checkpoint.metadata().step());
        }
      }
    } finally {
      run.dispose();
    }
    assertThat(steps).as("the kernel ran between the captures").hasSizeGreaterThan(1);
  }

  @Test
  void staysWhatItWasUntilItIsClosed() {
    Disposable run = subject().run();
    try (Checkpoint checkpoint = capture()) {
      List<StatePart> taken = read(checkpoint);
      if (can(KernelCapability.SHADOW)) {
        run.dispose();
        subject().advance();
        overwriteAndPutBack();
        subject().advance();
      }
      assertSame(read(checkpoint), taken);
      subject().assertWasReached(checkpoint.metadata(), taken);
    } finally {
      run.dispose();
    }
  }

  private void overwriteAndPutBack() {
    List<StatePart> now = subject().state();
    overwrite(2);
    subject().overwrite(bytesOf(now));
  }

  @Test
  void holdsTheKernelForAsLongAsItSaysAndNoLonger() {
    KernelHooks hooks = hooks();
    int before = hooks.resumes();
    Checkpoint checkpoint = capture();
    assertThat(hooks.resumes() - before).isEqualTo(can(KernelCapability.SHADOW) ? 1 : 0);
    checkpoint.close();
    checkpoint.close();
    subject().advance();
    assertThat(hooks.resumes() - before).isEqualTo(1);
  }

  @Test
  void isReadAtAnyOffsetAndAsOftenAsOneLikes() {
    List<StatePart> state = subject().state();
    try (Checkpoint checkpoint = capture()) {
      for (int i = 0; i < state.size(); i++) {
        DataChunk chunk = checkpoint.chunks().get(i);
        byte[] expected = state.get(i).bytes();
        byte[] actual = new byte[expected.length];
        int middle = expected.length / 2;
        read(chunk, middle, actual, expected.length - middle);
        read(chunk, 0, actual, middle);
        assertThat(actual).isEqualTo(expected);
        assertEndsAtItsSize(chunk);
      }
    }
  }

  private static void assertEndsAtItsSize(DataChunk chunk) {
    ByteBuffer tooLarge = ByteBuffer.allocate((int) chunk.size() + 10);
    assertThat(chunk.content().read(0, tooLarge).blockOptional(Patience.LIMIT))
        .isEqualTo(Optional.of((int) chunk.size()));
    assertThat(tooLarge.position()).isEqualTo((int) chunk.size());
  }
}
