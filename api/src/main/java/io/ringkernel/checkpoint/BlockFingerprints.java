package io.ringkernel.checkpoint;

import java.util.Arrays;

/**
 * The fingerprints of all blocks of one chunk, in order.
 *
 * <p>XXH3-128 values are stored as 16 bytes: the low 64 bits, then the high 64 bits, each
 * little-endian. SHA-256 values are its 32 bytes.
 */
public final class BlockFingerprints {
  private final int blockSize;
  private final FingerprintAlgorithm algorithm;
  private final byte[] values;

  private BlockFingerprints(int blockSize, FingerprintAlgorithm algorithm, byte[] values) {
    this.blockSize = blockSize;
    this.algorithm = algorithm;
    this.values = values;
  }

  /**
   * Takes over an array of fingerprints.
   *
   * @param blockSize bytes in every block but the last, which may be shorter; at least 1
   * @param algorithm how they were computed
   * @param values {@code algorithm.length()} bytes for each block; not copied, so they must not
   *     change any more
   * @throws IllegalArgumentException when the length of {@code values} is no multiple of {@code
   *     algorithm.length()}
   */
  public static BlockFingerprints of(int blockSize, FingerprintAlgorithm algorithm, byte[] values) {
    if (blockSize < 1 || values.length % algorithm.length() != 0) {
      throw new IllegalArgumentException(
          "block size " + blockSize + " with " + values.length + " bytes of " + algorithm);
    }
    return new BlockFingerprints(blockSize, algorithm, values);
  }

  /** Bytes in every block but the last, which may be shorter. */
  public int blockSize() {
    return blockSize;
  }

  /** How they were computed. */
  public FingerprintAlgorithm algorithm() {
    return algorithm;
  }

  /** The number of blocks. */
  public int count() {
    return values.length / algorithm.length();
  }

  /**
   * A copy of one fingerprint.
   *
   * @param block 0 to {@link #count} - 1
   */
  public byte[] get(int block) {
    int from = offset(block);
    return Arrays.copyOfRange(values, from, from + algorithm.length());
  }

  /**
   * Copies one fingerprint out.
   *
   * @param block 0 to {@link #count} - 1
   * @param target where to
   * @param at index in {@code target} of its first byte
   */
  public void copyTo(int block, byte[] target, int at) {
    System.arraycopy(values, offset(block), target, at, algorithm.length());
  }

  /**
   * Whether a block has this fingerprint.
   *
   * @param block 0 to {@link #count} - 1
   * @param other an array that holds a fingerprint of the same algorithm
   * @param at index in {@code other} of its first byte
   */
  public boolean matches(int block, byte[] other, int at) {
    int from = offset(block);
    int length = algorithm.length();
    return Arrays.equals(values, from, from + length, other, at, at + length);
  }

  private int offset(int block) {
    return java.util.Objects.checkIndex(block, count()) * algorithm.length();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof BlockFingerprints that
        && blockSize == that.blockSize
        && algorithm == that.algorithm
        && Arrays.equals(values, that.values);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(values);
  }

  @Override
  public String toString() {
    return count() + " fingerprints " + algorithm + " of blocks of " + blockSize;
  }
}
