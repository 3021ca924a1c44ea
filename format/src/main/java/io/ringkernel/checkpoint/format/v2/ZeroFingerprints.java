package io.ringkernel.checkpoint.format.v2;

import io.ringkernel.checkpoint.FingerprintAlgorithm;
import io.ringkernel.checkpoint.format.wire.Fingerprinter;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;

/** The fingerprints of zero blocks, which no file holds; each computed once. */
final class ZeroFingerprints {
  private final FingerprintAlgorithm algorithm;
  private final Map<Integer, byte[]> byLength = new HashMap<>();

  ZeroFingerprints(FingerprintAlgorithm algorithm) {
    this.algorithm = algorithm;
  }

  /** That of so many bytes; not to be written to. */
  byte[] get(int rawLength) {
    return byLength.computeIfAbsent(rawLength, this::compute);
  }

  private byte[] compute(int rawLength) {
    byte[] value = new byte[algorithm.length()];
    Fingerprinter.of(algorithm).hash(ByteBuffer.allocate(rawLength), value, 0);
    return value;
  }
}
