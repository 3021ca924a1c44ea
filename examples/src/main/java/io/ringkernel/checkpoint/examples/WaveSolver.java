package io.ringkernel.checkpoint.examples;

import java.nio.FloatBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The acoustic wave equation in three dimensions by finite differences in time: second order, seven
 * points, leapfrog, float32.
 *
 * <pre>
 * next = 2 p - older + c^2 (sum of the six neighbours - 6 p)
 * </pre>
 *
 * <p>where {@code c} is how many cells the wave travels in one step, cell by cell: the Courant
 * number times the cell's speed.
 *
 * <p>A neighbour behind a wall is the cell itself (a rigid wall). An absorbing wall also takes out
 * what a medium behind it would carry away; with {@code m} walls at a cell, {@code b = c m / 2} and
 * the sum over mirrored neighbours {@code S}:
 *
 * <pre>
 * next = ((2 - 6 c^2) p + c^2 S + (b - 1) older) / (1 + b)
 * </pre>
 *
 * <p>Source: Webb and Bilbao, "Computing room acoustics with CUDA - 3D FDTD schemes with boundary
 * losses and viscosity" (2011). Each cell's value is computed by the same operations in the same
 * order whoever computes it, so the bits don't depend on the number of threads.
 */
final class WaveSolver {
  /** How many cells a wave of the largest speed travels in one step; stable up to 1/sqrt(3). */
  static final float COURANT = 0.5f;

  /**
   * Three neighbouring planes of the current field, one of the other and one of speeds, for one
   * thread. Arithmetic on arrays is what the JIT turns into vector instructions; the copies stay in
   * its cache.
   */
  static final class Planes {
    private float[] below;
    private float[] here;
    private float[] above;
    private final float[] other;
    private final float[] speed;

    Planes(int size) {
      int area = size * size;
      below = new float[area];
      here = new float[area];
      above = new float[area];
      other = new float[area];
      speed = new float[area];
    }

    private void moveUp() {
      float[] free = below;
      below = here;
      here = above;
      above = free;
    }
  }

  /** Energy and peak of one plane. */
  record Measure(double energy, float peak) {}

  private final int size;
  private final int area;
  private final Halo.@Nullable Face face;
  private final boolean absorbing;

  /**
   * @param face where there is a neighbour instead of a wall; null for six walls
   */
  WaveSolver(int size, WaveSetup.Walls walls, Halo.@Nullable Face face) {
    this.face = face;
    this.size = size;
    this.area = size * size;
    this.absorbing = walls == WaveSetup.Walls.ABSORBING;
  }

  /**
   * Overwrites the planes {@code from} to {@code to - 1} of {@code older} with the next field.
   *
   * @param speed in each cell
   * @param beyond the neighbour's plane; of no meaning without one
   */
  void advance(
      FloatBuffer current,
      FloatBuffer older,
      FloatBuffer speed,
      int from,
      int to,
      float[] beyond,
      Planes planes) {
    plane(current, from - 1, beyond, planes.below);
    current.get(from * area, planes.here);
    for (int z = from; z < to; z++) {
      plane(current, z + 1, beyond, planes.above);
      older.get(z * area, planes.other);
      speed.get(z * area, planes.speed);
      for (int y = 0; y < size; y++) {
        advanceRow(y, walls(y) + (isShared(z) ? 0 : walls(z)), planes);
      }
      older.put(z * area, planes.other);
      planes.moveUp();
    }
  }

  /** A plane, also one beyond a face: the neighbour's, or behind a wall the cells themselves. */
  private void plane(FloatBuffer field, int z, float[] beyond, float[] target) {
    boolean outside = z < 0 || z == size;
    if (outside && isShared(z < 0 ? 0 : size - 1)) {
      System.arraycopy(beyond, 0, target, 0, area);
    } else {
      field.get(Math.min(Math.max(z, 0), size - 1) * area, target);
    }
  }

  private boolean isShared(int z) {
    return (z == 0 && face == Halo.Face.BOTTOM) || (z == size - 1 && face == Halo.Face.TOP);
  }

  private int walls(int index) {
    return index == 0 || index == size - 1 ? 1 : 0;
  }

  private void advanceRow(int y, int walls, Planes planes) {
    int row = y * size;
    int north = Math.max(y - 1, 0) * size;
    int south = Math.min(y + 1, size - 1) * size;
    if (walls == 0 || !absorbing) {
      advanceLossless(row, north, south, planes);
    } else {
      for (int x = 1; x < size - 1; x++) {
        advanceCell(row, x, x - 1, x + 1, north, south, walls, planes);
      }
    }
    advanceCell(row, 0, 0, 1, north, south, walls + 1, planes);
    advanceCell(row, size - 1, size - 2, size - 1, north, south, walls + 1, planes);
  }

  /** All but the ends of a row: nearly all cells, so that the JIT gets a loop that it can turn. */
  private void advanceLossless(int row, int north, int south, Planes planes) {
    float[] here = planes.here;
    float[] below = planes.below;
    float[] above = planes.above;
    float[] next = planes.other;
    float[] speed = planes.speed;
    for (int x = 1; x < size - 1; x++) {
      int at = row + x;
      float around = (here[at - 1] + here[at + 1]) + (here[north + x] + here[south + x]);
      around += below[at] + above[at];
      float courant = COURANT * speed[at];
      float square = courant * courant;
      next[at] = (2 - 6 * square) * here[at] + square * around - next[at];
    }
  }

  /** A cell with so many walls; behind one, the neighbour is the cell itself. */
  private void advanceCell(
      int row, int x, int west, int east, int north, int south, int walls, Planes planes) {
    float[] here = planes.here;
    int at = row + x;
    float around = (here[row + west] + here[row + east]) + (here[north + x] + here[south + x]);
    around += planes.below[at] + planes.above[at];
    float courant = COURANT * planes.speed[at];
    float square = courant * courant;
    float loss = absorbing ? courant * walls / 2 : 0;
    planes.other[at] =
        (2 - 6 * square) / (1 + loss) * here[at]
            + square / (1 + loss) * around
            + (loss - 1) / (1 + loss) * planes.other[at];
  }

  /**
   * The energy of one plane and of the bonds to the plane above it: of the change from field to
   * field, over the square of the speed, and of the slopes. Between rigid walls the leapfrog keeps
   * their sum over all planes.
   */
  Measure measure(FloatBuffer current, FloatBuffer older, FloatBuffer speed, int z, Planes planes) {
    int up = Math.min(z + 1, size - 1) * area;
    float[] now = planes.here;
    float[] nowUp = planes.above;
    float[] then = planes.below;
    float[] thenUp = planes.other;
    current.get(z * area, now);
    current.get(up, nowUp);
    older.get(z * area, then);
    older.get(up, thenUp);
    speed.get(z * area, planes.speed);
    double moving = 0;
    double slopes = 0;
    float peak = 0;
    for (int at = 0; at < area; at++) {
      double change = (now[at] - then[at]) / (double) planes.speed[at];
      moving += change * change;
      slopes += (double) (nowUp[at] - now[at]) * (thenUp[at] - then[at]);
      int right = at % size == size - 1 ? at : at + 1;
      slopes += (double) (now[right] - now[at]) * (then[right] - then[at]);
      int south = at + size < area ? at + size : at;
      slopes += (double) (now[south] - now[at]) * (then[south] - then[at]);
      peak = Math.max(peak, Math.abs(now[at]));
    }
    return new Measure((moving + COURANT * COURANT * slopes) / 2, peak);
  }
}
