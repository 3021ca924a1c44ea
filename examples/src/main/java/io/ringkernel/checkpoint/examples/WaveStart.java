package io.ringkernel.checkpoint.examples;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.List;

/**
 * What lies in a wave's memory at step 0, as bytes for those who compute it elsewhere than here.
 * All of it is little-endian; {@code ControlBlock} has the layout of the first.
 */
public final class WaveStart {
  /** Name of the region of one of the two fields: {@code size^3} floats, zero at the start. */
  public static final String PRESSURE_A = WaveState.PRESSURE_A;

  /** Name of the region of the other field. */
  public static final String PRESSURE_B = WaveState.PRESSURE_B;

  /** Name of the region with the speed in each cell. */
  public static final String SPEED = WaveState.SPEED;

  /** Samples that there is room for in the table of one source. */
  public static final int SAMPLES = 256;

  private WaveStart() {}

  /**
   * The control block, with all sources at work.
   *
   * @param setup of the wave
   * @param sources as many as a control block holds, at most
   * @throws IllegalArgumentException when there are more, or one is outside of the cube
   */
  public static ByteBuffer controlBlock(WaveSetup setup, List<WaveSource> sources) {
    requireUsable(setup, sources);
    ByteBuffer memory = ByteBuffer.allocate(ControlBlock.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    ControlBlock control = new ControlBlock(memory);
    control.format(setup);
    for (WaveSource source : sources) {
      control.addSource(source);
    }
    return memory;
  }

  static void requireUsable(WaveSetup setup, List<WaveSource> sources) {
    if (sources.size() > ControlBlock.SOURCES) {
      throw new IllegalArgumentException(
          "there is room for " + ControlBlock.SOURCES + " sources, not for " + sources.size());
    }
    for (WaveSource source : sources) {
      if (!source.fits(setup.size())) {
        throw new IllegalArgumentException(source + " is not within a cube of " + setup.size());
      }
    }
  }

  /**
   * The speed in each cell, as a share of the largest.
   *
   * @param setup of the wave
   * @return {@code size^3} floats, x fastest, then y, then z
   */
  public static ByteBuffer speed(WaveSetup setup) {
    int size = setup.size();
    ByteBuffer memory =
        ByteBuffer.allocate(size * size * size * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    FloatBuffer speed = memory.asFloatBuffer();
    for (int at = 0; at < speed.capacity(); at++) {
      speed.put(at, setup.medium().speed(at % size, at / size % size, at / (size * size), size));
    }
    return memory;
  }

  /**
   * What each source adds, for those whose {@code exp} has other bits than Java's: sample {@code i}
   * of a source is for the step {@code i} after it starts.
   *
   * @param sources at most as many as a control block holds
   * @return {@value #SAMPLES} floats for each place of a source, zero beyond its end
   * @throws IllegalArgumentException when a source is longer than that
   */
  public static ByteBuffer samples(List<WaveSource> sources) {
    ByteBuffer memory =
        ByteBuffer.allocate(ControlBlock.SOURCES * SAMPLES * Float.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN);
    FloatBuffer samples = memory.asFloatBuffer();
    for (int i = 0; i < sources.size(); i++) {
      WaveSource source = sources.get(i);
      if (!source.isOver(source.startStep() + SAMPLES - 1)) {
        throw new IllegalArgumentException(source + " takes more than " + SAMPLES + " steps");
      }
      boolean over = false;
      // The last one is that of the step in which it is over.
      for (int step = 0; !over; step++) {
        if (step > 0) {
          samples.put(i * SAMPLES + step, source.at(source.startStep() + step));
        }
        over = source.isOver(source.startStep() + step);
      }
    }
    return memory;
  }
}
