package io.ringkernel.checkpoint.examples;

import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The kernel's control block: what it is, how far it is, and which sources are at work.
 *
 * <pre>
 *   0 u64 magic          "RKWAVE3D"
 *   8 u32 version        1
 *  12 u32 flags          bit 0: absorbing walls
 *  16 u64 step
 *  24 u32 current        0: pressure_a holds the newest field, 1: pressure_b does
 *  28 u32 size           cells on each side of the cube
 *  32 u32 report every   steps
 *  36 u32 sources        bit i: source i is at work
 *  40 u64 commands       taken from the queue since the start
 *  48 u64 reports        sent since the start
 *  56 zero
 * 128 4 x 32 bytes       the sources
 * </pre>
 */
final class ControlBlock {
  static final int BYTES = 256;
  static final int SOURCES = 4;

  /** "RKWAVE3D" as little-endian bytes. */
  private static final long MAGIC = 0x4433_4556_4157_4b52L;

  private static final int VERSION = 1;
  private static final int ABSORBING = 1;

  private static final int MAGIC_AT = 0;
  private static final int VERSION_AT = 8;
  private static final int FLAGS_AT = 12;
  private static final int STEP_AT = 16;
  private static final int CURRENT_AT = 24;
  private static final int SIZE_AT = 28;
  private static final int REPORT_EVERY_AT = 32;
  private static final int IN_USE_AT = 36;
  private static final int COMMANDS_AT = 40;
  private static final int REPORTS_AT = 48;
  private static final int SOURCES_AT = 128;

  private final ByteBuffer memory;

  /**
   * @param memory {@value #BYTES} bytes, little-endian
   */
  ControlBlock(ByteBuffer memory) {
    this.memory = memory;
  }

  void format(WaveSetup setup) {
    memory.putLong(MAGIC_AT, MAGIC).putInt(VERSION_AT, VERSION);
    memory.putInt(FLAGS_AT, setup.walls() == WaveSetup.Walls.ABSORBING ? ABSORBING : 0);
    memory.putInt(SIZE_AT, setup.size()).putInt(REPORT_EVERY_AT, setup.reportEvery());
  }

  long step() {
    return memory.getLong(STEP_AT);
  }

  int size() {
    return memory.getInt(SIZE_AT);
  }

  int reportEvery() {
    return memory.getInt(REPORT_EVERY_AT);
  }

  WaveSetup.Walls walls() {
    return (memory.getInt(FLAGS_AT) & ABSORBING) == 0
        ? WaveSetup.Walls.REFLECTING
        : WaveSetup.Walls.ABSORBING;
  }

  /** 0 when pressure_a holds the newest field, 1 when pressure_b does. */
  int current() {
    return memory.getInt(CURRENT_AT);
  }

  /** The older field was overwritten with the next one. */
  void stepDone() {
    memory.putInt(CURRENT_AT, 1 - current()).putLong(STEP_AT, step() + 1);
  }

  void countCommand() {
    memory.putLong(COMMANDS_AT, memory.getLong(COMMANDS_AT) + 1);
  }

  void countReport() {
    memory.putLong(REPORTS_AT, memory.getLong(REPORTS_AT) + 1);
  }

  /** Source {@code slot}, if it is at work. */
  Optional<WaveSource> source(int slot) {
    boolean inUse = (memory.getInt(IN_USE_AT) & 1 << slot) != 0;
    return inUse ? Optional.of(WaveSource.readFrom(sourceMemory(slot))) : Optional.empty();
  }

  /** Sets a source to work, if a slot is free, and says whether it did. */
  boolean addSource(WaveSource source) {
    int inUse = memory.getInt(IN_USE_AT);
    int slot = Integer.numberOfTrailingZeros(~inUse);
    if (slot >= SOURCES) {
      return false;
    }
    source.writeTo(sourceMemory(slot));
    memory.putInt(IN_USE_AT, inUse | 1 << slot);
    return true;
  }

  void removeSource(int slot) {
    memory.putInt(IN_USE_AT, memory.getInt(IN_USE_AT) & ~(1 << slot));
  }

  private ByteBuffer sourceMemory(int slot) {
    int at = SOURCES_AT + slot * WaveSource.BYTES;
    return memory.slice(at, WaveSource.BYTES).order(memory.order());
  }

  /** Why this can't be the control block of a cube of this size; null when it can. */
  @Nullable String problem(int size) {
    if (memory.getLong(MAGIC_AT) != MAGIC || memory.getInt(VERSION_AT) != VERSION) {
      return "it is no wave kernel's, or of another version";
    }
    if (size() != size) {
      return "it is of " + size() + " cells on a side, not " + size;
    }
    if (step() < 0 || (current() & ~1) != 0 || reportEvery() < 1) {
      return "its step, field or report distance is impossible";
    }
    if ((memory.getInt(FLAGS_AT) & ~ABSORBING) != 0 || memory.getInt(IN_USE_AT) >>> SOURCES != 0) {
      return "it has flags that this version does not know";
    }
    for (int slot = 0; slot < SOURCES; slot++) {
      if ((memory.getInt(IN_USE_AT) & 1 << slot) != 0) {
        String problem = sourceProblem(sourceMemory(slot), size);
        if (problem != null) {
          return "source " + slot + ": " + problem;
        }
      }
    }
    return null;
  }

  /** Why these bytes can't be a source in a cube of this size; null when they can. */
  static @Nullable String sourceProblem(ByteBuffer memory, int size) {
    try {
      return WaveSource.readFrom(memory).fits(size) ? null : "its cell is outside the grid";
    } catch (IllegalArgumentException e) {
      return e.getMessage();
    }
  }
}
