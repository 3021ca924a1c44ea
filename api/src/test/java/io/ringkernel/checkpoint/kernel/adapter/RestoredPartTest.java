package io.ringkernel.checkpoint.kernel.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointBuilder;
import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.ChunkType;
import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import io.ringkernel.checkpoint.kernel.KernelMemory;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class RestoredPartTest {
  private static final ChunkContent CONTROL = ChunkContent.of(new byte[8]);
  private static final ChunkContent QUEUE = ChunkContent.of(new byte[8]);
  private static final ChunkContent PRESSURE = ChunkContent.of(new byte[16]);

  private final KernelDescriptor descriptor =
      KernelDescriptor.builder("fdtd", "wave")
          .controlBlock(memory(8))
          .part(ChunkType.H2K_QUEUE, 0, memory(8))
          .region("pressure", memory(16))
          .standsStill()
          .build();

  private static KernelMemory memory(int size) {
    return new KernelMemory.Host(ByteBuffer.allocate(size));
  }

  private static CheckpointBuilder state(String type, ChunkContent pressure) {
    return Checkpoint.builder(CheckpointMetadata.builder("fdtd", type).build())
        .deviceMemory("pressure", pressure)
        .h2kQueue(QUEUE)
        .controlBlock(CONTROL);
  }

  private void isRefused(CheckpointBuilder state, String message) {
    assertThatThrownBy(() -> RestoredPart.match(descriptor, state.build()))
        .isInstanceOf(KernelException.class)
        .hasMessageContaining(message);
  }

  @Test
  void isFoundByTypeAndIdInWhateverOrderTheCheckpointHasThem() {
    assertThat(RestoredPart.match(descriptor, state("wave", PRESSURE).build()))
        .extracting(RestoredPart::content)
        .containsExactly(CONTROL, QUEUE, PRESSURE);
  }

  @Test
  void namesBothTypesOfKernel() {
    isRefused(
        state("heat", PRESSURE),
        "the checkpoint is of type 'heat', the kernel of type 'wave'; it was not touched: only a"
            + " kernel of the checkpoint's type can take it over");
  }

  @Test
  void namesThePartOfAnotherSizeAndBothSizes() {
    isRefused(
        state("wave", QUEUE),
        "region 'pressure' has 8 bytes in the checkpoint and 16 in the kernel; it was not touched:"
            + " describe the kernel by the parts that the checkpoint has");
  }

  @Test
  void namesWhatTheKernelHasNoPlaceFor() {
    isRefused(
        state("wave", PRESSURE).deviceMemory("density", QUEUE),
        "the checkpoint has region 'density', for which the kernel has no place");
  }
}
