package io.ringkernel.checkpoint;

import java.util.Arrays;
import java.util.Optional;

/**
 * How a block's raw bytes are hashed to tell whether they changed. More values may be added, so a
 * {@code switch} needs a default.
 */
public enum FingerprintAlgorithm {
  /** XXH3, 128 bits: against accidents only, collisions can be made on purpose. The default. */
  XXH3_128(1, 16),

  /** SHA-256: for state that untrusted parties influence. */
  SHA_256(2, 32);

  private final int code;
  private final int length;

  FingerprintAlgorithm(int code, int length) {
    this.code = code;
    this.length = length;
  }

  /** The value in files. */
  public int code() {
    return code;
  }

  /** Bytes in one fingerprint. */
  public int length() {
    return length;
  }

  /**
   * The algorithm with this code, if there is one.
   *
   * @param code the value in a file
   */
  public static Optional<FingerprintAlgorithm> ofCode(int code) {
    return Arrays.stream(values()).filter(algorithm -> algorithm.code == code).findFirst();
  }
}
