package io.ringkernel.checkpoint.examples;

/**
 * Two wave kernels that share a face: the wave goes from one cube into the other. Each step of one
 * needs what the other sent of the step before, so they run together, and are one only when they
 * are captured at one cut: as a group.
 *
 * @param lower its last plane of cells is next to the first of the other
 * @param upper the other
 */
public record WavePair(WaveKernel lower, WaveKernel upper) implements AutoCloseable {
  /**
   * A pair at step 0, at rest; the caller closes it.
   *
   * @param lowerId which kernel; any text without a lone surrogate
   * @param upperId which kernel; another text
   * @param setup what each is made of
   */
  public static WavePair start(String lowerId, String upperId, WaveSetup setup) {
    return WaveKernel.startPair(lowerId, upperId, setup);
  }

  /** Ends both. */
  @Override
  public void close() {
    lower.close();
    upper.close();
  }
}
