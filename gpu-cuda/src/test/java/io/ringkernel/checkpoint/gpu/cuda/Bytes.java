package io.ringkernel.checkpoint.gpu.cuda;

import io.ringkernel.checkpoint.DataChunk;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Random;

/** Bytes for tests. */
final class Bytes {
  static final Duration LONG = Duration.ofSeconds(60);

  private Bytes() {}

  static byte[] random(int size, long seed) {
    byte[] bytes = new byte[size];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  static byte[] of(DataChunk chunk) {
    ByteBuffer target = ByteBuffer.allocate((int) chunk.size());
    chunk.content().read(0, target).block(LONG);
    return target.array();
  }
}
