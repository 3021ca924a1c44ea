package io.ringkernel.checkpoint.format.v2;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.BufferPool;
import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.ChunkType;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.compression.CompressionCodecs;
import io.ringkernel.checkpoint.format.CheckpointFile;
import io.ringkernel.checkpoint.format.DecodeOptions;
import io.ringkernel.checkpoint.format.wire.Workbench;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

class ContentTest {
  private static final int BLOCK = FileBuilder.BLOCK_SIZE;

  private final Scheduler io = Schedulers.newBoundedElastic(4, 1000, "test-io");
  private final RunLengthCodec codec = new RunLengthCodec();
  private final Workbench workbench =
      new Workbench(
          Schedulers.newParallel("test-codec", 2, true),
          2,
          new BufferPool(Workbench.BATCH_BYTES + Workbench.BATCH_OVERHEAD, 16 << 20),
          CompressionCodecs.of(codec));

  private final byte[] mixed =
      Bytes.join(
          Bytes.random(3 * BLOCK, 1),
          new byte[2 * BLOCK],
          Bytes.runs(4 * BLOCK, 2),
          Bytes.random(BLOCK, 3),
          Bytes.runs(BLOCK + 100, 4));

  @AfterEach
  void releaseAndCheckForLeaks() {
    workbench.workers().dispose();
    io.dispose();
    assertThat(workbench.buffers().open()).as("buffers not given back").isZero();
    assertThat(codec.open.get()).as("decompressors not closed").isZero();
  }

  private byte[] mixedFile() {
    return new FileBuilder()
        .chunk(ChunkType.CONTROL_BLOCK, 0, Bytes.random(200, 9))
        .compressed("mixed", mixed)
        .region("empty", new byte[0])
        .build();
  }

  private CheckpointFile open(ChunkContent file) {
    return Objects.requireNonNull(
        Version2Reader.open(file, DecodeOptions.defaults(), workbench).block());
  }

  @Test
  void givesBackEveryChunkWithItsIdentity() {
    CheckpointFile file = open(ChunkContent.of(mixedFile()));
    Checkpoint checkpoint = file.checkpoint(() -> {});
    assertThat(checkpoint.metadata().kernelId()).isEqualTo("kernel");
    assertThat(checkpoint.chunks()).hasSize(3);
    assertThat(read(checkpoint.chunks().get(0), 0, 200)).isEqualTo(Bytes.random(200, 9));
    assertThat(checkpoint.region("mixed")).isPresent();
    assertThat(read(checkpoint.chunks().get(1), 0, mixed.length)).isEqualTo(mixed);
    assertThat(checkpoint.chunks().get(2).size()).isZero();
    assertThat(read(checkpoint.chunks().get(2), 0, 10)).isEmpty();
  }

  @Test
  void givesAnyRangeFromMemoryAndFromDisk() {
    byte[] bytes = mixedFile();
    for (ChunkContent file : Arrays.asList(ChunkContent.of(bytes), new FileOnDisk(bytes, io))) {
      DataChunk chunk = open(file).chunks().get(1).chunk();
      Random random = new Random(5);
      for (int i = 0; i < 300; i++) {
        int from = random.nextInt(mixed.length + 1);
        int to = from + random.nextInt(mixed.length - from + 1);
        assertThat(read(chunk, from, to - from)).isEqualTo(Arrays.copyOfRange(mixed, from, to));
      }
    }
  }

  private static byte[] read(DataChunk chunk, long offset, int length) {
    ByteBuffer target = ByteBuffer.allocateDirect(length + 7).position(7);
    int read = Objects.requireNonNull(chunk.content().read(offset, target).block());
    assertThat(target.position()).isEqualTo(7 + read);
    byte[] bytes = new byte[read];
    target.get(7, bytes);
    return bytes;
  }
}
