package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.Dim3;
import io.ringkernel.checkpoint.HlcTimestamp;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/** States to save, and what to compare loaded ones with. */
final class TestStates {
  static final Duration LONG = Duration.ofSeconds(60);
  static final String TYPE = "wave";

  private TestStates() {}

  static byte[] random(int size, long seed) {
    byte[] bytes = new byte[size];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  /** A control block and two regions, all of it determined by kernel and step. */
  static Checkpoint of(String kernelId, long step) {
    return of(kernelId, step, 150_000);
  }

  static Checkpoint of(String kernelId, long step, int regionSize) {
    long seed = kernelId.hashCode() * 31L + step;
    return Checkpoint.builder(metadata(kernelId, step))
        .controlBlock(ChunkContent.of(random(100, seed)))
        .deviceMemory("pressure_a", ChunkContent.of(random(regionSize, seed + 1)))
        .deviceMemory("pressure_b", ChunkContent.of(random(regionSize / 2, seed + 2)))
        .build();
  }

  static CheckpointMetadata metadata(String kernelId, long step) {
    return CheckpointMetadata.builder(kernelId, TYPE)
        .step(step)
        .gridSize(new Dim3(8, 4, 2))
        .tileSize(new Dim3(4, 4, 2))
        .hlc(new HlcTimestamp(1_000_000 + step, 1, 7))
        .custom("seed", Long.toString(step))
        .build();
  }

  /** Every byte, by chunk. */
  static Map<String, ByteBuffer> bytes(Checkpoint checkpoint) {
    Map<String, ByteBuffer> bytes = new LinkedHashMap<>();
    for (DataChunk chunk : checkpoint.chunks()) {
      bytes.put(chunk.type() + "/" + Long.toHexString(chunk.id()), bytes(chunk));
    }
    return bytes;
  }

  static ByteBuffer bytes(DataChunk chunk) {
    ByteBuffer target = ByteBuffer.allocate((int) chunk.size());
    chunk.content().read(0, target).block(LONG);
    return target.flip();
  }

  /** Every byte of what is stored under a name. */
  static Map<String, ByteBuffer> loaded(Checkpointer checkpointer, String name) {
    try (Checkpoint checkpoint = checkpointer.load(name).block(LONG)) {
      return bytes(checkpoint);
    }
  }
}
