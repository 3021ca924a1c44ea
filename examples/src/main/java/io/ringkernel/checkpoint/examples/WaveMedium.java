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

  /** By how much a cell may be slower than its place in the lens makes it. */
  static final float TEXTURE = 0.01f;

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
    float smooth = share < 1 ? (float) (1 / Math.sqrt(2 - share)) : 1;
    return smooth * (1 - TEXTURE * noise(((long) z * size + y) * size + x));
  }

  /**
   * The same for the same cell, from 0 to less than 1.
   *
   * <p>Source: Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (2014): the
   * finalizer of SplitMix64.
   */
  private static float noise(long cell) {
    long bits = (cell + 1) * 0x9e3779b97f4a7c15L;
    bits = (bits ^ bits >>> 30) * 0xbf58476d1ce4e5b9L;
    bits = (bits ^ bits >>> 27) * 0x94d049bb133111ebL;
    return ((bits ^ bits >>> 31) >>> 40) / (float) (1 << 24);
  }

  private static double square(double value) {
    return value * value;
  }
}
