package io.ringkernel.checkpoint.examples;

/**
 * What a wave kernel is made of.
 *
 * @param size cells on each side of the cube, {@value #MIN_SIZE} to {@value #MAX_SIZE}
 * @param walls what the six walls do to a wave
 * @param threads how many compute, 1 to {@value #MAX_THREADS}; the result does not depend on it
 * @param reportEvery steps between two reports of the energy, at least 1
 * @param medium how fast the wave is where
 */
public record WaveSetup(int size, Walls walls, int threads, int reportEvery, WaveMedium medium) {
  static final int MIN_SIZE = 4;

  /** A field of floats stays below 2 GiB, which one buffer can hold. */
  static final int MAX_SIZE = 812;

  static final int MAX_THREADS = 64;

  /** What a wall does to a wave. */
  public enum Walls {
    /** Rigid: the wave comes back, and the energy is kept. */
    REFLECTING,
    /** Of the medium's own impedance: a wave that meets the wall head-on leaves. */
    ABSORBING
  }

  /**
   * @throws IllegalArgumentException when a value is out of its range
   */
  public WaveSetup {
    requireWithin("size", size, MIN_SIZE, MAX_SIZE);
    requireWithin("threads", threads, 1, MAX_THREADS);
    requireWithin("reportEvery", reportEvery, 1, Integer.MAX_VALUE);
  }

  /**
   * Absorbing walls, all processors, a report every 50 steps, the same medium everywhere.
   *
   * @param size cells on each side
   */
  public static WaveSetup ofSize(int size) {
    int processors = Math.min(MAX_THREADS, Runtime.getRuntime().availableProcessors());
    return new WaveSetup(size, Walls.ABSORBING, processors, 50, WaveMedium.UNIFORM);
  }

  /**
   * The same with other walls.
   *
   * @param newWalls what they do to a wave
   */
  public WaveSetup withWalls(Walls newWalls) {
    return new WaveSetup(size, newWalls, threads, reportEvery, medium);
  }

  /**
   * The same with another number of threads.
   *
   * @param newThreads how many compute
   */
  public WaveSetup withThreads(int newThreads) {
    return new WaveSetup(size, walls, newThreads, reportEvery, medium);
  }

  /**
   * The same with another distance between reports.
   *
   * @param steps at least 1
   */
  public WaveSetup withReportEvery(int steps) {
    return new WaveSetup(size, walls, threads, steps, medium);
  }

  /**
   * The same with another medium.
   *
   * @param newMedium how fast the wave is where
   */
  public WaveSetup withMedium(WaveMedium newMedium) {
    return new WaveSetup(size, walls, threads, reportEvery, newMedium);
  }

  private static void requireWithin(String name, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          name + " must be from " + least + " to " + most + ", not " + value);
    }
  }
}
