package io.ringkernel.checkpoint.examples;

/** What a cube is filled with: how fast a wave travels, cell by cell. It never changes. */
public enum WaveMedium {
  /** The same everywhere. */
  UNIFORM,
  /**
   * A Luneburg lens in the middle: what a point on its surface sends out leaves it on the other
   * side as a plane wave.
   *
   * <p>Source: Luneburg, "Mathematical Theory of Optics" (1944): the index is {@code sqrt(2 - (r /
   * R)^2)} at {@code r} from the centre of a lens of radius {@code R}, and 1 outside.
   */
  LENS;

  /** Radius of the lens, as a share of the cube's side. */
  static final double RADIUS = 0.3;

  /**
   * The speed in a cell.
   *
   * @param x cell, from 0
   * @param y cell, from 0
   * @param z cell, from 0
   * @param size cells on each side
   * @return a share of the largest speed: above 0, at most 1
   */
  public float speed(int x, int y, int z, int size) {
    if (this == UNIFORM) {
      return 1;
    }
    double middle = (size - 1) / 2.0;
    double radius = RADIUS * size;
    double distance = square(x - middle) + square(y - middle) + square(z - middle);
    double share = distance / square(radius);
    // Math.sqrt is exact to the last bit on every machine.
    return share < 1 ? (float) (1 / Math.sqrt(2 - share)) : 1;
  }

  private static double square(double value) {
    return value * value;
  }
}
