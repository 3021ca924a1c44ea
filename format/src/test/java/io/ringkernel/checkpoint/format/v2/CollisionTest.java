package io.ringkernel.checkpoint.format.v2;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.FingerprintAlgorithm;
import io.ringkernel.checkpoint.format.wire.Fingerprinter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

/**
 * Why XXH3-128 is against accidents only: two blocks that anybody can make, with one fingerprint.
 *
 * <p>From the published description of the algorithm (Yann Collet, xxHash, {@code
 * doc/xxhash_spec.md}, "XXH3 algorithm for long inputs"): each 64-byte stripe adds to eight
 * accumulators, for its 64-bit lane {@code i} and the secret's lane {@code s},
 *
 * <pre>
 * acc[i ^ 1] += lane
 * acc[i]     += low32(lane ^ s) * high32(lane ^ s)
 * </pre>
 *
 * and the secret moves on by 8 bytes with each stripe. A lane whose low half is that of {@code s}
 * multiplies to 0 whatever its high half is; two such lanes in one column, before the accumulators
 * are scrambled (every 16 stripes), may trade their high halves: their sum stays. All accumulators
 * are equal then, and with them all 128 bits.
 */
class CollisionTest {
  private static final int STRIPE = 64;

  /** The first bytes of the secret that XXH3 uses without a seed. */
  private static final long[] SECRET = {0xBE4BA423396CFEB8L, 0x1CAD21F72C81017CL};

  /** A block of any content in which two lanes have high halves of the caller's choice. */
  static byte[] block(int length, long seed, int firstHigh, int secondHigh) {
    ByteBuffer block = ByteBuffer.wrap(Bytes.random(length, seed)).order(ByteOrder.LITTLE_ENDIAN);
    block.putInt(0, (int) SECRET[0]).putInt(4, firstHigh);
    block.putInt(STRIPE, (int) SECRET[1]).putInt(STRIPE + 4, secondHigh);
    return block.array();
  }

  private static byte[] hash(FingerprintAlgorithm algorithm, byte[] block) {
    byte[] value = new byte[algorithm.length()];
    Fingerprinter.of(algorithm).hash(ByteBuffer.wrap(block), value, 0);
    return value;
  }

  @Test
  void twoBlocksHaveOneXxh3FingerprintAndTwoOfSha256() {
    for (int length : new int[] {241, 4096, 64 << 10, 16 << 20}) {
      byte[] one = block(length, 5, 1, 0x7A7A7A7A);
      byte[] other = block(length, 5, 0x7A7A7A7A, 1);
      assertThat(one).isNotEqualTo(other);
      assertThat(hash(FingerprintAlgorithm.XXH3_128, one))
          .isEqualTo(hash(FingerprintAlgorithm.XXH3_128, other));
      assertThat(hash(FingerprintAlgorithm.SHA_256, one))
          .isNotEqualTo(hash(FingerprintAlgorithm.SHA_256, other));
    }
  }

  @Test
  void anAccidentIsSeen() {
    byte[] one = block(4096, 5, 1, 0x7A7A7A7A);
    byte[] other = block(4096, 5, 2, 0x7A7A7A7A);
    assertThat(hash(FingerprintAlgorithm.XXH3_128, one))
        .isNotEqualTo(hash(FingerprintAlgorithm.XXH3_128, other));
  }
}
