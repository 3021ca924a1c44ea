package io.ringkernel.checkpoint;

import java.util.Comparator;

/**
 * A moment of a hybrid logical clock: close to physical time, yet ordered as cause and effect are.
 *
 * <p>Totally ordered by physical time, then logical counter, then node, each unsigned. Source:
 * Kulkarni et al., "Logical Physical Clocks" (2014).
 *
 * @param physical microseconds since the Unix epoch; unsigned
 * @param logical counts events within one physical moment; unsigned
 * @param nodeId who made it; unsigned
 */
public record HlcTimestamp(long physical, long logical, long nodeId)
    implements Comparable<HlcTimestamp> {
  /** Before every other. */
  public static final HlcTimestamp ZERO = new HlcTimestamp(0, 0, 0);

  private static final Comparator<HlcTimestamp> ORDER =
      Comparator.comparing(HlcTimestamp::physical, Long::compareUnsigned)
          .thenComparing(HlcTimestamp::logical, Long::compareUnsigned)
          .thenComparing(HlcTimestamp::nodeId, Long::compareUnsigned);

  @Override
  public int compareTo(HlcTimestamp other) {
    return ORDER.compare(this, other);
  }

  /** Decimal and unsigned, {@code "physical logical node"}. */
  @Override
  public String toString() {
    return Long.toUnsignedString(physical)
        + " "
        + Long.toUnsignedString(logical)
        + " "
        + Long.toUnsignedString(nodeId);
  }
}
