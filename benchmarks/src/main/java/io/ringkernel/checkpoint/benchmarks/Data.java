package io.ringkernel.checkpoint.benchmarks;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.ChunkContent;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.SplittableRandom;

/** State to measure with: the same bytes every time. */
final class Data {
  private static final int CELL = 16;

  private Data() {}

  /** Bytes that no codec makes smaller. */
  static ByteBuffer random(ByteBuffer memory) {
    SplittableRandom random = new SplittableRandom(1);
    ByteBuffer words = memory.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    while (words.remaining() >= Long.BYTES) {
      words.putLong(random.nextLong());
    }
    return memory;
  }

  /** Bytes that a codec makes about half as large: cells of which one half repeats. */
  static ByteBuffer compressible(ByteBuffer memory) {
    SplittableRandom random = new SplittableRandom(2);
    ByteBuffer words = memory.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    long kind = 0;
    while (words.remaining() >= CELL) {
      if (random.nextInt(8) == 0) {
        kind = random.nextInt(64);
      }
      words.putLong(0x3f80_0000_0000_0000L | kind << 20).putLong(random.nextLong());
    }
    return memory;
  }

  /** One region of device memory, as a kernel has it. */
  static Checkpoint checkpoint(ByteBuffer memory) {
    return Checkpoint.builder(CheckpointMetadata.builder("bench", "bench").build())
        .deviceMemory("state", ChunkContent.of(memory))
        .build();
  }
}
