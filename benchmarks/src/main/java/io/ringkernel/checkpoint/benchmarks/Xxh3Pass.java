package io.ringkernel.checkpoint.benchmarks;

import com.dynatrace.hash4j.hashing.ByteAccess;
import com.dynatrace.hash4j.hashing.Hashing;
import io.ringkernel.checkpoint.format.EncodeOptions;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** One thread that does nothing but compute fingerprints. */
final class Xxh3Pass {
  private static final ByteAccess<ByteBuffer> LITTLE =
      ByteAccess.forByteBuffer(ByteOrder.LITTLE_ENDIAN);

  private Xxh3Pass() {}

  /** Something of the fingerprints of all blocks, so that none is left out. */
  static long over(ByteBuffer memory) {
    int blockSize = EncodeOptions.DEFAULT_BLOCK_SIZE;
    long sum = 0;
    for (int at = 0; at < memory.capacity(); at += blockSize) {
      sum += of(memory.slice(at, Math.min(blockSize, memory.capacity() - at)));
    }
    return sum;
  }

  /** Something of one fingerprint. */
  static long of(ByteBuffer block) {
    ByteBuffer bytes = block.slice().order(ByteOrder.LITTLE_ENDIAN);
    return Hashing.xxh3_128().hashBytesTo128Bits(bytes, 0, bytes.remaining(), LITTLE).getAsLong();
  }
}
