package io.ringkernel.checkpoint.storage.s3;

/**
 * How an object of unknown length is cut into at most {@value #MOST_PARTS} parts.
 *
 * <p>Small parts first, so that much goes in parallel; larger ones the longer the object gets:
 *
 * <pre>
 * parts           each      object up to    memory at least
 *     1 ..   128    8 MiB      1 GiB
 *   129 ..   256   16 MiB      3 GiB
 *   257 ..  2560   32 MiB     75 GiB
 *  2561 ..  6160   64 MiB    300 GiB         64 MiB
 *  6161 ..  6800  128 MiB    380 GiB        128 MiB
 *  6801 ..  7440  256 MiB    540 GiB        256 MiB
 *  7441 ..  8080  512 MiB    860 GiB        512 MiB
 *  8081 ..  8720    1 GiB    1.5 TiB          1 GiB
 *  8721 ..  9360    2 GiB    2.7 TiB          2 GiB
 *  9361 .. 10000    4 GiB    5.2 TiB          4 GiB
 * </pre>
 *
 * <p>A save holds as many parts as fit into its memory, and always one: what a part holds more than
 * that is the growth that the table tells. A smallest part of 5120 MiB takes objects up to 48.8
 * TiB.
 *
 * @param memory bytes that the parts of one save may hold
 * @param smallestPart bytes; no part but the last is smaller
 */
record PartPlan(long memory, long smallestPart) {
  /** What the service allows. */
  static final int MOST_PARTS = 10_000;

  private static final long MIB = 1 << 20;

  /** The last part of each size; sizes double from 8 MiB on. */
  private static final int[] LAST_OF_SIZE = {
    128, 256, 2_560, 6_160, 6_800, 7_440, 8_080, 8_720, 9_360
  };

  /**
   * Bytes in a part that is not the last.
   *
   * @param number from 1 to {@value #MOST_PARTS}
   */
  long sizeOf(int number) {
    int doublings = 0;
    while (doublings < LAST_OF_SIZE.length && number > LAST_OF_SIZE[doublings]) {
      doublings++;
    }
    return doublings == 0 ? smallestPart : Math.max(smallestPart, (8 * MIB) << doublings);
  }

  /**
   * Whether a part may be begun.
   *
   * @param number of the part
   * @param held bytes of the parts that are being sent
   */
  boolean allows(int number, long held) {
    return held == 0 || held + sizeOf(number) <= memory;
  }
}
