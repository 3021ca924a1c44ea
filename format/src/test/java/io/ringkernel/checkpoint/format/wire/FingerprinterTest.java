package io.ringkernel.checkpoint.format.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.FingerprintAlgorithm;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Fingerprints are the standard values, from whatever memory. */
class FingerprinterTest {
  @Test
  void givesTheStandardXxh3OfNothing() {
    // XXH128 of no bytes under seed 0 is 99aa06d3014798d86001c324468d497f, most significant first.
    assertThat(hash(FingerprintAlgorithm.XXH3_128, ByteBuffer.allocate(0)))
        .isEqualTo("7f498d4624c30160d8984701d306aa99");
  }

  @Test
  void givesTheStandardSha256() {
    byte[] abc = "abc".getBytes(StandardCharsets.US_ASCII);

    assertThat(hash(FingerprintAlgorithm.SHA_256, ByteBuffer.wrap(abc)))
        .isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  }

  @ParameterizedTest
  @EnumSource
  void givesTheSameFromHeapAndDirectMemoryAndMovesNothing(FingerprintAlgorithm algorithm) {
    byte[] bytes = new byte[70_001];
    new Random(1).nextBytes(bytes);
    for (int length : new int[] {0, 1, 16, 17, 128, 129, 240, 241, 1024, 1025, 65_536, 70_000}) {
      ByteBuffer heap = ByteBuffer.wrap(bytes, 1, length);
      ByteBuffer direct =
          ByteBuffer.allocateDirect(70_001).put(bytes).position(1).limit(1 + length);

      String expected = hash(algorithm, heap);

      assertThat(hash(algorithm, direct)).isEqualTo(expected);
      assertThat(hash(algorithm, heap.asReadOnlyBuffer())).isEqualTo(expected);
      assertThat(direct.position()).isEqualTo(1);
      assertThat(heap.remaining()).isEqualTo(length);
    }
  }

  private static String hash(FingerprintAlgorithm algorithm, ByteBuffer block) {
    byte[] target = new byte[algorithm.length() + 3];
    Fingerprinter.of(algorithm).hash(block, target, 3);
    return HexFormat.of().formatHex(target, 3, target.length);
  }
}
