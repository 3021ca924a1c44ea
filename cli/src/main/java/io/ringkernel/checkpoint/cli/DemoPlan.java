package io.ringkernel.checkpoint.cli;

import io.ringkernel.checkpoint.cli.text.RefusedException;
import io.ringkernel.checkpoint.core.BaseChoice;
import io.ringkernel.checkpoint.examples.Wave;
import io.ringkernel.checkpoint.examples.WaveMedium;
import io.ringkernel.checkpoint.examples.WaveProgram;
import io.ringkernel.checkpoint.examples.WavePrograms;
import io.ringkernel.checkpoint.examples.WaveSetup;
import io.ringkernel.checkpoint.examples.WaveSource;
import io.ringkernel.checkpoint.format.Compression;
import java.util.List;

/**
 * What a demo runs.
 *
 * @param program which computes the wave: the name of a {@link WaveProgram}
 * @param kernelId names the kernel, and its checkpoints in the store
 * @param size cells on each side of the cube
 * @param steps where the run ends
 * @param every steps from checkpoint to checkpoint
 * @param fullEvery one of so many checkpoints is a full one; 1 for no deltas
 * @param compression of the checkpoints
 */
record DemoPlan(
    String program,
    String kernelId,
    int size,
    long steps,
    long every,
    int fullEvery,
    Compression compression) {
  /** Below, the pulses meet the walls. */
  private static final int SMALLEST = 8;

  /** The same under another kernel id. */
  DemoPlan withKernelId(String id) {
    return new DemoPlan(program, id, size, steps, every, fullEvery, compression);
  }

  /**
   * Refuses what can't be shown.
   *
   * @throws IllegalArgumentException saying what is allowed
   */
  void requireUsable() {
    if (size < SMALLEST || setup().size() != size) {
      throw new IllegalArgumentException("--size must be at least " + SMALLEST + ", not " + size);
    }
    if (WavePrograms.named(program).isEmpty()) {
      throw new IllegalArgumentException(
          "--kernel must be one of "
              + String.join(", ", WavePrograms.names())
              + ", not "
              + program);
    }
    if (steps < 2) {
      throw new IllegalArgumentException("--steps must be at least 2, not " + steps);
    }
    if (every < 1 || every > steps / 2) {
      throw new IllegalArgumentException(
          "--every must be from 1 to half of the steps (" + steps / 2 + "), not " + every);
    }
    if (fullEvery < 1 || fullEvery > 1_000) {
      throw new IllegalArgumentException("--full-every must be from 1 to 1000, not " + fullEvery);
    }
  }

  /**
   * Refuses what this machine can't run.
   *
   * @throws RefusedException saying what is missing
   */
  void requireAvailable() {
    WavePrograms.named(program)
        .flatMap(WaveProgram::unavailable)
        .ifPresent(
            reason -> {
              throw new RefusedException(reason);
            });
  }

  /** The first checkpoint is a full one, then every so many; between them, what changed. */
  BaseChoice base(long step) {
    return isFull(step) ? BaseChoice.full() : BaseChoice.latest();
  }

  /** Whether the checkpoint of a step is a full one by plan. */
  boolean isFull(long step) {
    return (step / every - 1) % fullEvery == 0;
  }

  /** The first process is killed while it saves this step: at half time, but not the first save. */
  long killedWhileSaving() {
    return Math.max(2 * every, steps / 2 / every * every);
  }

  /**
   * The first process goes no further, so that the kill comes in the middle even of a run that is
   * over in a moment.
   */
  long lastStepBeforeTheKill() {
    return Math.min(steps, killedWhileSaving() + every);
  }

  /** The wave at step 0, with three pulses ahead of it. */
  Wave start() {
    return WavePrograms.named(program)
        .orElseThrow(() -> new IllegalStateException("no program '" + program + "' here"))
        .start(kernelId, setup(), pulses());
  }

  /** Rigid walls, so that there is a wave to be seen to the end, and a lens for it to pass. */
  WaveSetup setup() {
    return WaveSetup.ofSize(size).withWalls(WaveSetup.Walls.REFLECTING).withMedium(WaveMedium.LENS);
  }

  /** On the lens's surface, in the plane that the pictures show, and not at the same time. */
  private List<WaveSource> pulses() {
    int middle = size / 2;
    return List.of(
        new WaveSource(0, size * 20 / 100, middle, middle, 1, 24),
        new WaveSource(steps / 4, size * 71 / 100, size * 71 / 100, middle, 1, 24),
        new WaveSource(steps / 2, size * 71 / 100, size * 29 / 100, middle, 1, 24));
  }

  /** The name of the checkpoint of a step. */
  String checkpoint(long step) {
    return String.format("%s/step-%06d", kernelId, step);
  }

  /** The options of the process that runs the kernel. */
  List<String> options() {
    return List.of(
        "--kernel=" + program,
        "--kernel-id=" + kernelId,
        "--size=" + size,
        "--steps=" + steps,
        "--every=" + every,
        "--full-every=" + fullEvery,
        "--compression=" + compression);
  }
}
