package io.ringkernel.checkpoint;

/**
 * An extent in three dimensions, in cells.
 *
 * @param x unsigned
 * @param y unsigned
 * @param z unsigned
 */
public record Dim3(int x, int y, int z) {
  /** No extent given: 0 in each dimension. */
  public static final Dim3 NONE = new Dim3(0, 0, 0);

  /** Decimal and unsigned, {@code "x y z"}. */
  @Override
  public String toString() {
    return Integer.toUnsignedString(x)
        + " "
        + Integer.toUnsignedString(y)
        + " "
        + Integer.toUnsignedString(z);
  }
}
