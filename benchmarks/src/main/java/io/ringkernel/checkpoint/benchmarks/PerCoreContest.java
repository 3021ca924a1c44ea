package io.ringkernel.checkpoint.benchmarks;

import io.ringkernel.checkpoint.format.EncodeOptions;
import java.nio.ByteBuffer;
import java.util.stream.IntStream;

/** A contest whose limit is the rate of one thread's pass over the state, times the cores. */
interface PerCoreContest extends Contest {
  /** The cores that the machine says it has. */
  int CORES = Runtime.getRuntime().availableProcessors();

  /** What is moved. */
  ByteBuffer state();

  /** One thread's work over some blocks of the state. */
  void pass(ByteBuffer blocks);

  @Override
  default long bytes() {
    return state().capacity();
  }

  @Override
  default int limitFactor() {
    return CORES;
  }

  @Override
  default void limit() {
    pass(state());
  }

  /**
   * The same pass, each core at its own part and all at once. Cores that share what they are made
   * of, or that are not ours all the time, give less than their number of times one core's rate.
   */
  default void passesAtOnce() {
    int size = state().capacity();
    int blockSize = EncodeOptions.DEFAULT_BLOCK_SIZE;
    int blocks = (size + blockSize - 1) / blockSize;
    int part = (blocks + CORES - 1) / CORES * blockSize;
    IntStream.range(0, CORES)
        .parallel()
        .map(index -> Math.min(size, index * part))
        .forEach(at -> pass(state().slice(at, Math.min(part, size - at))));
  }
}
