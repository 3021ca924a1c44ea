package io.ringkernel.checkpoint.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ringkernel.checkpoint.examples.WaveSetup.Walls;
import java.nio.FloatBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The physics: what a wave must do, whoever computes it. */
class WaveSolverTest {
  private static final WaveSource CENTRED = new WaveSource(0, 16, 16, 16, 1, 16);

  @Test
  void keepsTheEnergyBetweenRigidWalls() {
    try (Cube cube = Cube.with(33, Walls.REFLECTING, CENTRED)) {
      cube.steps(60);
      double after = cube.energy();
      assertThat(after).isPositive();
      for (int i = 0; i < 10; i++) {
        cube.steps(100);
        assertThat(cube.energy()).isCloseTo(after, within(1e-4 * after));
      }
    }
  }

  @Test
  void keepsTheEnergyInALens() {
    WaveSetup setup = WaveSetup.ofSize(33).withWalls(Walls.REFLECTING).withMedium(WaveMedium.LENS);
    try (Cube cube = Cube.with(setup, CENTRED)) {
      cube.steps(60);
      double after = cube.energy();
      assertThat(after).isPositive();
      for (int i = 0; i < 10; i++) {
        cube.steps(100);
        assertThat(cube.energy()).isCloseTo(after, within(1e-4 * after));
      }
    }
  }

  /** The index is the square root of 2 in the middle, and falls to 1 at the surface. */
  @Test
  void aLensDelaysTheWave() {
    WaveSource source = new WaveSource(0, 8, 32, 32, 1, 24);
    WaveSetup uniform = WaveSetup.ofSize(64).withWalls(Walls.ABSORBING);
    double delay = arrival(uniform.withMedium(WaveMedium.LENS), source) - arrival(uniform, source);
    // Through the middle: the integral of sqrt(2 - s^2) - 1 over the diameter, at 2 steps a cell.
    double radius = WaveMedium.RADIUS * 64;
    assertThat(delay).isCloseTo(2 * 2 * radius * (Math.PI / 4 + 0.5 - 1), within(4.0));
  }

  /** The step at which a twentieth of the largest pressure comes by, beyond the lens. */
  private static int arrival(WaveSetup setup, WaveSource source) {
    float[] seen = new float[200];
    float highest = 0;
    try (Cube cube = Cube.with(setup, source)) {
      for (int step = 0; step < seen.length; step++) {
        cube.steps(1);
        seen[step] = Math.abs(cube.at(56, 32, 32));
        highest = Math.max(highest, seen[step]);
      }
    }
    int step = 0;
    while (seen[step] < highest / 20) {
      step++;
    }
    return step;
  }

  @Test
  void losesTheEnergyThroughAbsorbingWalls() {
    try (Cube cube = Cube.with(33, Walls.ABSORBING, CENTRED)) {
      cube.steps(50);
      double after = cube.energy();
      cube.steps(50);
      assertThat(cube.energy()).isLessThan(0.05 * after);
      cube.steps(150);
      assertThat(cube.energy()).isBetween(0.0, 0.001 * after);
    }
  }

  @ParameterizedTest
  @EnumSource(Walls.class)
  void aCentredSourceMakesASymmetricWave(Walls walls) {
    try (Cube cube = Cube.with(33, walls, CENTRED)) {
      cube.steps(90);
      float largest = 0;
      for (int z = 0; z < 33; z++) {
        for (int y = 0; y < 33; y++) {
          for (int x = 0; x < 33; x++) {
            float here = cube.at(x, y, z);
            assertThat(cube.at(32 - x, y, z)).isEqualTo(here);
            assertThat(cube.at(x, 32 - y, z)).isEqualTo(here);
            assertThat(cube.at(x, y, 32 - z)).isEqualTo(here);
            assertThat(cube.at(z, x, y)).isCloseTo(here, within(1e-5f));
            largest = Math.max(largest, Math.abs(here));
          }
        }
      }
      assertThat(largest).as("there is a wave").isGreaterThan(1e-3f);
    }
  }

  @Test
  void aWaveTravelsHalfACellInAStep() {
    try (Cube cube = Cube.with(64, Walls.ABSORBING, new WaveSource(0, 32, 32, 32, 1, 24))) {
      int near = 0;
      int far = 0;
      float nearPeak = 0;
      float farPeak = 0;
      for (int step = 1; step <= 110; step++) {
        cube.steps(1);
        if (cube.at(40, 32, 32) > nearPeak) {
          nearPeak = cube.at(40, 32, 32);
          near = step;
        }
        if (cube.at(32, 32, 56) > farPeak) {
          farPeak = cube.at(32, 32, 56);
          far = step;
        }
      }
      // 16 cells further on at 1/2 cell a step; the pressure falls with the distance.
      assertThat(far - near).isBetween(31, 33);
      assertThat(nearPeak / farPeak).isCloseTo(24f / 8, within(0.3f));
    }
  }

  /** A standing wave has an exact solution of the discrete equation, walls included. */
  @Test
  void agreesWithTheStandingWaveOfACavity() {
    int size = 24;
    double number = Math.PI / size;
    double perStep = 2 * Math.asin(WaveSolver.COURANT * Math.sin(number / 2));
    try (Cube cube = Cube.with(size, Walls.REFLECTING)) {
      fill(cube, cube.state.current(), number, 1);
      fill(cube, cube.state.older(), number, Math.cos(-perStep));
      int steps = 500;
      cube.steps(steps);
      for (int x = 0; x < size; x++) {
        double expected = Math.cos(number * (x + 0.5)) * Math.cos(perStep * steps);
        assertThat((double) cube.at(x, 3, 7)).isCloseTo(expected, within(2e-4));
        assertThat((double) cube.at(x, 23, 0)).isCloseTo(expected, within(2e-4));
      }
    }
  }

  private static void fill(Cube cube, FloatBuffer field, double number, double factor) {
    for (int at = 0; at < field.capacity(); at++) {
      int x = at % cube.size;
      field.put(at, (float) (factor * Math.cos(number * (x + 0.5))));
    }
  }

  @Test
  void aFieldAtRestStaysAtRest() {
    try (Cube cube = Cube.with(8, Walls.ABSORBING)) {
      cube.steps(20);
      for (int at = 0; at < 512; at++) {
        assertThat(cube.state.current().get(at)).isZero();
      }
      assertThat(cube.energy()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 5, 8, 16})
  void itsBitsDoNotDependOnHowThePlanesAreDividedUp(int slab) {
    int size = 17;
    for (Walls walls : Walls.values()) {
      WaveSolver solver = new WaveSolver(size, walls, null);
      FloatBuffer current = noise(size, 1);
      FloatBuffer speed = lens(size);
      FloatBuffer whole = noise(size, 2);
      FloatBuffer divided = noise(size, 2);

      solver.advance(current, whole, speed, 0, size, new float[0], new WaveSolver.Planes(size));
      for (int from = 0; from < size; from += slab) {
        int to = Math.min(size, from + slab);
        solver.advance(
            current, divided, speed, from, to, new float[0], new WaveSolver.Planes(size));
      }

      assertThat(divided).isEqualTo(whole);
      assertThat(current).as("only the older field is written").isEqualTo(noise(size, 1));
    }
  }

  private static FloatBuffer lens(int size) {
    return WaveStart.speed(WaveSetup.ofSize(size).withMedium(WaveMedium.LENS)).asFloatBuffer();
  }

  private static FloatBuffer noise(int size, long seed) {
    Random random = new Random(seed);
    FloatBuffer field = FloatBuffer.allocate(size * size * size);
    while (field.hasRemaining()) {
      field.put(random.nextFloat() - 0.5f);
    }
    return field.flip();
  }
}
