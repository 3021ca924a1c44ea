package io.ringkernel.checkpoint.examples;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What a cube's neighbour sent it: the plane of cells beyond the face they share, of the last two
 * steps. It is part of the state: a cut that misses what was sent and not yet used is none.
 *
 * <pre>
 *  0 u64 face           1: beyond the last plane, 2: before the first
 *  8 2 x slot           of even and of odd steps
 *      u64 step         all ones when empty
 *      f32 [size^2]     pressure, x fastest
 * </pre>
 */
final class Halo {
  /** Where the neighbour is. */
  enum Face {
    /** Beyond the last plane. */
    TOP(1),
    /** Before the first plane. */
    BOTTOM(2);

    private final long code;

    Face(long code) {
      this.code = code;
    }
  }

  private static final int SLOTS_AT = 8;
  private static final long EMPTY = -1;

  private final ByteBuffer memory;
  private final Face face;
  private final int area;

  /**
   * @param memory {@link #bytes} of it, little-endian
   */
  Halo(ByteBuffer memory, Face face, int size) {
    this.memory = memory;
    this.face = face;
    this.area = size * size;
  }

  static int bytes(int size) {
    return SLOTS_AT + 2 * (Long.BYTES + size * size * Float.BYTES);
  }

  Face face() {
    return face;
  }

  /** At rest before the first step. */
  void format() {
    memory.putLong(0, face.code);
    memory.putLong(at(0), 0).putLong(at(1), EMPTY);
  }

  private int at(long step) {
    return SLOTS_AT + (int) (step & 1) * (Long.BYTES + area * Float.BYTES);
  }

  /** Whether the neighbour has sent its plane of a step. */
  boolean has(long step) {
    return memory.getLong(at(step)) == step;
  }

  /** Takes a plane; the one it overwrites was used before the neighbour could get this far. */
  void receive(long step, float[] plane) {
    memory.putLong(at(step), step);
    plane(step).put(0, plane);
  }

  /** Reads the plane of a step that the neighbour has sent. */
  void read(long step, float[] target) {
    plane(step).get(0, target);
  }

  private FloatBuffer plane(long step) {
    return memory
        .slice(at(step) + Long.BYTES, area * Float.BYTES)
        .order(memory.order())
        .asFloatBuffer();
  }

  /** Why no kernel could have left this there; null when one could. */
  @Nullable String problem() {
    if (memory.getLong(0) != face.code) {
      return "it is of another face";
    }
    for (int slot = 0; slot < 2; slot++) {
      long step = memory.getLong(at(slot));
      if (step != EMPTY && (step < 0 || (step & 1) != slot)) {
        return "a step is impossible";
      }
    }
    return null;
  }
}
