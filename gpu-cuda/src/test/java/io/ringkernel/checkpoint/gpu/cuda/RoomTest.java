package io.ringkernel.checkpoint.gpu.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.CaptureReport;
import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.kernel.AdaptedKernel;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import reactor.core.publisher.Mono;

/**
 * A kernel of ours is launched, and a copy within the device made, only where there surely is room
 * beside what stays on the device. Where it is full the stand-in would have either wait for ever.
 */
@ExtendWith(OnStandIn.class)
@Timeout(60)
class RoomTest {
  private static final int SIZE = 20_000;
  private static final int BLOCK = 1024;

  private static AdaptedKernel kernel(GpuMemory memory, int resident) {
    return new CudaKernelAdapterProvider()
        .adapt(
            KernelDescriptor.builder("k", "t")
                .standsStill()
                .region("r", memory.memory())
                .option("resident", Integer.toString(resident))
                .option("block-size", Integer.toString(BLOCK))
                .option("ring-buffers", "1")
                .option("ring-buffer-size", "4096")
                .option("timeout", "5000")
                .build());
  }

  private static Checkpoint base(byte[] state) {
    DataChunk chunk =
        DataChunk.region("r", ChunkContent.of(state))
            .withFingerprints(Mono.just(PersistentKernelTest.fingerprints(state, BLOCK)));
    return Checkpoint.of(CheckpointMetadata.builder("k", "t").build(), List.of(chunk), () -> {});
  }

  @Test
  void launchesInTheRoomThatAnotherKernelLeaves() {
    byte[] state = Bytes.random(SIZE, 1);
    try (GpuMemory memory = new GpuMemory(state)) {
      AdaptedKernel kernel = kernel(memory, 3);
      try (PersistentWave other = new PersistentWave(0, 3, Bytes.LONG).launch()) {
        other.untilItGotOn();
        int before = StandIn.launches();
        try (Checkpoint full = kernel.createCheckpoint().block(Bytes.LONG)) {
          assertThat(full.capture().orElseThrow().mode()).isEqualTo(CaptureReport.Mode.SHADOW);
          assertThat(Bytes.of(full.chunks().get(0))).isEqualTo(state);
        }
        byte[] changed = state.clone();
        changed[7 * BLOCK]++;
        memory.write(changed);
        try (Checkpoint made = kernel.createIncrementalCheckpoint(base(state)).block(Bytes.LONG)) {
          assertThat(PersistentKernelTest.patch(made.chunks().get(0), state, BLOCK))
              .isEqualTo(changed);
        }
        assertThat(StandIn.launches()).isEqualTo(before + 1);
        assertThat(StandIn.groupsLaunched()).as("one multiprocessor is free").isEqualTo(1);
        other.untilItGotOn();
      }
      kernel.close().block(Bytes.LONG);
    }
  }

  @Test
  void launchesNothingBesideAKernelThatFillsTheDevice() {
    byte[] state = Bytes.random(SIZE, 1);
    try (GpuMemory memory = new GpuMemory(state)) {
      AdaptedKernel kernel = kernel(memory, StandIn.MULTIPROCESSORS);
      assertThat(kernel.supportsIncremental()).isFalse();
      try (PersistentWave other = new PersistentWave(0, Bytes.LONG).launch()) {
        other.untilItGotOn();
        int before = StandIn.launches();
        long unused = StandIn.copiedWithin();
        try (Checkpoint made = kernel.createIncrementalCheckpoint(base(state)).block(Bytes.LONG)) {
          CaptureReport report = made.capture().orElseThrow();
          assertThat(report.mode()).isEqualTo(CaptureReport.Mode.STRAIGHT);
          assertThat(report.notes()).singleElement().asString().contains("4 blocks that stay");
          assertThat(Bytes.of(made.chunks().get(0))).isEqualTo(state);
        }
        assertThat(StandIn.launches()).isEqualTo(before);
        assertThat(StandIn.copiedWithin()).isZero();
        other.untilItGotOn();
      }
      kernel.close().block(Bytes.LONG);
    }
  }

  @Test
  void launchesNothingWhereItsOwnKernelDoesNotFit() {
    byte[] state = Bytes.random(SIZE, 1);
    StandIn.occupancy(0);
    try (GpuMemory memory = new GpuMemory(state)) {
      AdaptedKernel kernel = kernel(memory, 0);
      assertThat(kernel.supportsIncremental()).isFalse();
      int before = StandIn.launches();
      try (Checkpoint made = kernel.createIncrementalCheckpoint(base(state)).block(Bytes.LONG)) {
        assertThat(made.capture().orElseThrow().notes())
            .containsExactly(
                "captured straight: the device has no room for the kernel that copies within it");
        assertThat(Bytes.of(made.chunks().get(0))).isEqualTo(state);
      }
      assertThat(StandIn.launches()).isEqualTo(before);
      kernel.close().block(Bytes.LONG);
    }
  }

  @Test
  void launchesNoMoreThanTheDeviceHolds() {
    byte[] state = Bytes.random(100 * BLOCK, 1);
    StandIn.occupancy(2);
    try (GpuMemory memory = new GpuMemory(state)) {
      AdaptedKernel kernel = kernel(memory, 0);
      try (Checkpoint made = kernel.createIncrementalCheckpoint(base(state)).block(Bytes.LONG)) {
        assertThat(made.chunks().get(0).changedBlocks().orElseThrow().isChanged(0)).isFalse();
      }
      assertThat(StandIn.groupsLaunched()).isEqualTo(2 * StandIn.MULTIPROCESSORS);
      kernel.close().block(Bytes.LONG);
    }
  }
}
