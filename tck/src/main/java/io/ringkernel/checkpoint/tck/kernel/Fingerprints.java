package io.ringkernel.checkpoint.tck.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import com.dynatrace.hash4j.hashing.HashValue128;
import com.dynatrace.hash4j.hashing.Hashing;
import io.ringkernel.checkpoint.BlockFingerprints;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.FingerprintAlgorithm;
import io.ringkernel.checkpoint.tck.Patience;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/** The fingerprints that blocks must have. */
final class Fingerprints {
  private Fingerprints() {}

  /** Those that a chunk brings, if it does, are those of its bytes. */
  static void assertRight(DataChunk chunk, StatePart state) {
    BlockFingerprints brought = chunk.fingerprints().block(Patience.LIMIT);
    if (brought != null) {
      assertThat(brought)
          .as("fingerprints of %s", state.label())
          .isEqualTo(of(state.bytes(), brought.blockSize(), brought.algorithm()));
    }
  }

  static BlockFingerprints of(byte[] bytes, int blockSize, FingerprintAlgorithm algorithm) {
    int blocks = blocks(bytes.length, blockSize);
    ByteBuffer values = ByteBuffer.allocate(blocks * algorithm.length());
    for (int block = 0; block < blocks; block++) {
      values.put(hash(block(bytes, blockSize, block), algorithm));
    }
    return BlockFingerprints.of(blockSize, algorithm, values.array());
  }

  static int blocks(int size, int blockSize) {
    return (size + blockSize - 1) / blockSize;
  }

  static byte[] block(byte[] bytes, int blockSize, int block) {
    int from = block * blockSize;
    return Arrays.copyOfRange(bytes, from, Math.min(bytes.length, from + blockSize));
  }

  private static byte[] hash(byte[] block, FingerprintAlgorithm algorithm) {
    return switch (algorithm) {
      case XXH3_128 -> xxh3(Hashing.xxh3_128().hashBytesTo128Bits(block));
      case SHA_256 -> sha256().digest(block);
    };
  }

  private static byte[] xxh3(HashValue128 hash) {
    return ByteBuffer.allocate(2 * Long.BYTES)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(hash.getLeastSignificantBits())
        .putLong(hash.getMostSignificantBits())
        .array();
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this JDK lacks SHA-256, which the platform requires", e);
    }
  }
}
