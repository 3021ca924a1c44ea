package io.ringkernel.checkpoint.examples;

import java.nio.ByteBuffer;

/**
 * A pulse at one cell: a Ricker wavelet, which begins and ends at rest and has no mean, so that
 * nothing but the wave stays behind.
 *
 * <p>Source: Ricker, "The form and laws of propagation of seismic wavelets" (1953): {@code (1 - 2a)
 * exp(-a)} with {@code a = (pi (t - t0) / period)^2}; here {@code t0} is 1.5 periods.
 *
 * @param startStep the step it begins at, or the step it is taken at when that is later; at least 0
 * @param x cell, from 0
 * @param y cell, from 0
 * @param z cell, from 0
 * @param amplitude pressure added in one step at the peak; finite
 * @param period of the frequency with most energy, in steps, 4 to 1,000,000: a wave needs about ten
 *     cells for its length to travel without dispersion, which is a period of 20
 */
public record WaveSource(long startStep, int x, int y, int z, float amplitude, float period) {
  /** Bytes of one source in memory. */
  static final int BYTES = 32;

  /** From rest to rest. */
  private static final double PERIODS = 3;

  /**
   * @throws IllegalArgumentException when a value is out of its range
   */
  public WaveSource {
    if (startStep < 0 || x < 0 || y < 0 || z < 0) {
      throw new IllegalArgumentException(
          "start step and cell must be at least 0, not "
              + startStep
              + " and "
              + x
              + ", "
              + y
              + ", "
              + z);
    }
    if (!Float.isFinite(amplitude) || !(period >= 4 && period <= 1_000_000)) {
      throw new IllegalArgumentException(
          "amplitude must be finite and period from 4 to 1000000, not "
              + amplitude
              + " and "
              + period);
    }
  }

  /**
   * A pulse of amplitude 1 in the middle of a cube, of a period that its cells resolve well.
   *
   * @param size cells on each side
   */
  public static WaveSource centred(int size) {
    return new WaveSource(0, size / 2, size / 2, size / 2, 1, 24);
  }

  /** The pressure it adds in the step that leads to {@code step}. */
  float at(long step) {
    // StrictMath: the same bits on every machine.
    double turns = (step - startStep) / (double) period - PERIODS / 2;
    double a = Math.PI * Math.PI * turns * turns;
    return (float) (amplitude * (1 - 2 * a) * StrictMath.exp(-a));
  }

  /** Whether it adds nothing after {@code step} any more. */
  boolean isOver(long step) {
    return step - startStep >= PERIODS * period;
  }

  /** The same, begun no earlier than {@code step}. */
  WaveSource notBefore(long step) {
    return new WaveSource(Math.max(startStep, step), x, y, z, amplitude, period);
  }

  /** Whether its cell is within a cube. */
  boolean fits(int size) {
    return x < size && y < size && z < size;
  }

  /** Writes u64 start, u32 x, y and z, f32 amplitude and period, u32 0. */
  void writeTo(ByteBuffer target) {
    target.putLong(startStep).putInt(x).putInt(y).putInt(z);
    target.putFloat(amplitude).putFloat(period).putInt(0);
  }

  /**
   * Reads what {@link #writeTo} wrote.
   *
   * @throws IllegalArgumentException when it is no source
   */
  static WaveSource readFrom(ByteBuffer source) {
    WaveSource read =
        new WaveSource(
            source.getLong(),
            source.getInt(),
            source.getInt(),
            source.getInt(),
            source.getFloat(),
            source.getFloat());
    source.getInt();
    return read;
  }
}
