package io.ringkernel.checkpoint.examples;

import java.util.List;
import java.util.Optional;

/**
 * A program that computes waves, announced to {@link java.util.ServiceLoader}. All of them give the
 * same bits for the same setup and sources.
 */
public interface WaveProgram {
  /** The lower-case name: {@code "cpu"}, {@code "cuda"}. */
  String name();

  /** Why it can't work on this machine, in one sentence; empty when it can. */
  Optional<String> unavailable();

  /**
   * A wave at step 0, at rest; the caller closes it. May block.
   *
   * @param kernelId which kernel; any text without a lone surrogate
   * @param setup what it is made of
   * @param sources pulses ahead of it, {@value ControlBlock#SOURCES} at most, each within the cube
   * @throws IllegalArgumentException when there are more sources, or one is outside
   */
  Wave start(String kernelId, WaveSetup setup, List<WaveSource> sources);
}
