package io.ringkernel.checkpoint.gpu.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.BlockFingerprints;
import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.FingerprintAlgorithm;
import io.ringkernel.checkpoint.format.wire.Fingerprinter;
import io.ringkernel.checkpoint.kernel.AdaptedKernel;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import reactor.core.publisher.Mono;

/**
 * What the device's code computes is what the host's library computes, over all kinds of lengths.
 */
@ExtendWith(OnStandIn.class)
class DeviceFingerprintTest {
  private final Fingerprinter host = Fingerprinter.of(FingerprintAlgorithm.XXH3_128);

  /**
   * The blocks of a state, fingerprinted on the device, against a base that knows nothing of it.
   */
  private static BlockFingerprints onDevice(byte[] content, int blockSize) {
    try (GpuMemory memory = new GpuMemory(content)) {
      AdaptedKernel kernel =
          new CudaKernelAdapterProvider()
              .adapt(
                  KernelDescriptor.builder("k", "t")
                      .standsStill()
                      .region("r", memory.memory())
                      .option("block-size", Integer.toString(blockSize))
                      .option("ring-buffers", "1")
                      .option("ring-buffer-size", "65536")
                      .build());
      int count = (content.length + blockSize - 1) / blockSize;
      BlockFingerprints none =
          BlockFingerprints.of(blockSize, FingerprintAlgorithm.XXH3_128, new byte[16 * count]);
      DataChunk chunk =
          DataChunk.region("r", ChunkContent.of(content)).withFingerprints(Mono.just(none));
      Checkpoint base =
          Checkpoint.of(CheckpointMetadata.builder("k", "t").build(), List.of(chunk), () -> {});
      try (Checkpoint made = kernel.createIncrementalCheckpoint(base).block(Bytes.LONG)) {
        return made.chunks().get(0).fingerprints().block(Bytes.LONG);
      } finally {
        kernel.close().block(Bytes.LONG);
      }
    }
  }

  private BlockFingerprints onHost(byte[] content, int blockSize) {
    int count = (content.length + blockSize - 1) / blockSize;
    byte[] values = new byte[16 * count];
    for (int i = 0; i < count; i++) {
      int length = Math.min(blockSize, content.length - i * blockSize);
      host.hash(ByteBuffer.wrap(content, i * blockSize, length), values, 16 * i);
    }
    return BlockFingerprints.of(blockSize, FingerprintAlgorithm.XXH3_128, values);
  }

  @Test
  void everyLengthUpToTwoRounds() {
    // A block size of n gives whole blocks of n bytes, at addresses of every alignment, and a rest.
    for (int size = 1; size <= 2200; size += size < 300 ? 1 : 37) {
      byte[] content = Bytes.random(3 * size + size / 2, size);
      assertThat(onDevice(content, size)).as("blocks of %d", size).isEqualTo(onHost(content, size));
    }
  }

  @RepeatedTest(20)
  @Tag(OnStandIn.ANY_DRIVER)
  void randomLengths(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    int blockSize = 1 + random.nextInt(1 << (4 + random.nextInt(14)));
    byte[] content = Bytes.random(1 + random.nextInt(300_000), random.nextLong());
    assertThat(onDevice(content, blockSize))
        .as("%d bytes in blocks of %d", content.length, blockSize)
        .isEqualTo(onHost(content, blockSize));
  }

  @Test
  @Tag(OnStandIn.ANY_DRIVER)
  void theUsualBlockSize() {
    byte[] content = Bytes.random(10 * 65_536 + 12_345, 7);
    assertThat(onDevice(content, 65_536)).isEqualTo(onHost(content, 65_536));
  }
}
