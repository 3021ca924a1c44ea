package io.ringkernel.checkpoint.examples;

import io.ringkernel.checkpoint.ChunkType;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.HlcTimestamp;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The whole state of a wave kernel, in memory that a checkpoint takes as it is: control block, both
 * queues, clock, the two pressure fields, the speed in each cell, and what a neighbour sent, if
 * there is one. All of it is little-endian; a field has {@code size^3} floats, x fastest, then y,
 * then z.
 *
 * <p>The speed never changes after the start: what such a region costs a store is one copy.
 *
 * <p>Not safe for several threads: the kernel's own thread has it, between two steps.
 */
final class WaveState {
  /**
   * A piece of state, as it becomes a chunk.
   *
   * @param type what kind
   * @param name a region's name, else null
   * @param memory its bytes, from 0 to its capacity
   */
  record Part(ChunkType type, @Nullable String name, ByteBuffer memory) {
    long id() {
      return name == null ? 0 : DataChunk.regionId(name);
    }

    /** As in messages: {@code device-memory 'pressure_a'}. */
    String label() {
      return name == null ? type.label() : type.label() + " '" + name + "'";
    }
  }

  static final String PRESSURE_A = "pressure_a";
  static final String PRESSURE_B = "pressure_b";
  static final String SPEED = "speed";

  private static final int COMMAND = 1;
  private static final int REPORT = 2;

  /** Copied at once by one thread. */
  private static final int COPY_BYTES = 1 << 20;

  private final int size;
  private final List<Part> parts;
  private final ControlBlock control;
  private final MessageRing commands;
  private final MessageRing reports;
  private final ByteBuffer clock;
  private final List<FloatBuffer> fields;
  private final FloatBuffer speed;
  private final @Nullable Halo halo;

  private WaveState(int size, Halo.@Nullable Face face, IntFunction<ByteBuffer> memory) {
    this.size = size;
    int field = size * size * size * Float.BYTES;
    List<Part> alone =
        List.of(
            part(ChunkType.CONTROL_BLOCK, null, memory.apply(ControlBlock.BYTES)),
            part(ChunkType.H2K_QUEUE, null, memory.apply(MessageRing.BYTES)),
            part(ChunkType.K2H_QUEUE, null, memory.apply(MessageRing.BYTES)),
            part(ChunkType.HLC_STATE, null, memory.apply(Hlc.BYTES)),
            part(ChunkType.DEVICE_MEMORY, PRESSURE_A, memory.apply(field)),
            part(ChunkType.DEVICE_MEMORY, PRESSURE_B, memory.apply(field)),
            part(ChunkType.DEVICE_MEMORY, SPEED, memory.apply(field)));
    if (face == null) {
      parts = alone;
      halo = null;
    } else {
      Part received = part(ChunkType.HALO_BUFFERS, null, memory.apply(Halo.bytes(size)));
      parts = Stream.concat(alone.stream(), Stream.of(received)).toList();
      halo = new Halo(received.memory, face, size);
    }
    control = new ControlBlock(parts.get(0).memory);
    commands = new MessageRing(parts.get(1).memory, COMMAND);
    reports = new MessageRing(parts.get(2).memory, REPORT);
    clock = parts.get(3).memory;
    fields = Stream.of(4, 5).map(i -> parts.get(i).memory.asFloatBuffer()).toList();
    speed = parts.get(6).memory.asFloatBuffer();
  }

  private static Part part(ChunkType type, @Nullable String name, ByteBuffer memory) {
    return new Part(type, name, memory.order(ByteOrder.LITTLE_ENDIAN));
  }

  /** A state in direct memory, all zero: what a kernel runs on, or its shadow. */
  static WaveState direct(int size, Halo.@Nullable Face face) {
    return new WaveState(size, face, ByteBuffer::allocateDirect);
  }

  /** A state in heap memory, all zero: for the garbage collector whenever it is dropped. */
  static WaveState onHeap(int size, Halo.@Nullable Face face) {
    return new WaveState(size, face, ByteBuffer::allocate);
  }

  /** Step 0 of a kernel at rest. */
  void format(WaveSetup setup, HlcTimestamp time) {
    control.format(setup);
    commands.format();
    reports.format();
    if (halo != null) {
      halo.format();
    }
    fill(setup.medium());
    time(time);
  }

  private void fill(WaveMedium medium) {
    for (int z = 0; z < size; z++) {
      for (int y = 0; y < size; y++) {
        for (int x = 0; x < size; x++) {
          speed.put(cell(x, y, z), medium.speed(x, y, z, size));
        }
      }
    }
  }

  List<Part> parts() {
    return parts;
  }

  ControlBlock control() {
    return control;
  }

  /** What the neighbour sent; null without one. */
  @Nullable Halo halo() {
    return halo;
  }

  /** From host to kernel: {@link WaveSource}s. */
  MessageRing commands() {
    return commands;
  }

  /** From kernel to host: {@link WaveReport}s. */
  MessageRing reports() {
    return reports;
  }

  HlcTimestamp time() {
    return Hlc.read(clock.duplicate().order(clock.order()).clear());
  }

  void time(HlcTimestamp time) {
    Hlc.write(time, clock.duplicate().order(clock.order()).clear());
  }

  /** The newest field. */
  FloatBuffer current() {
    return fields.get(control.current());
  }

  /** The field before the newest, which the next one overwrites. */
  FloatBuffer older() {
    return fields.get(1 - control.current());
  }

  /** The speed in each cell, as a share of the largest. */
  FloatBuffer speed() {
    return speed;
  }

  /** Index of a cell in a field. */
  int cell(int x, int y, int z) {
    return (z * size + y) * size + x;
  }

  /** Takes over all bytes of a state of the same size, on all threads of the crew. */
  void copyFrom(WaveState other, Crew crew) {
    for (int i = 0; i < parts.size(); i++) {
      ByteBuffer from = other.parts.get(i).memory;
      ByteBuffer to = parts.get(i).memory;
      int pieces = (to.capacity() - 1) / COPY_BYTES + 1;
      crew.share(
          pieces,
          (worker, piece) -> {
            int at = piece * COPY_BYTES;
            to.put(at, from, at, Math.min(COPY_BYTES, to.capacity() - at));
          });
    }
  }

  /** Which part holds what no kernel could have left there, and what; null when none does. */
  @Nullable String problem() {
    String inControl = control.problem(size);
    if (inControl != null) {
      return parts.get(0).label() + ": " + inControl;
    }
    String inCommands = commands.problem(body -> ControlBlock.sourceProblem(body, size));
    if (inCommands != null) {
      return parts.get(1).label() + ": " + inCommands;
    }
    String inReports = reports.problem(body -> null);
    if (inReports != null) {
      return parts.get(2).label() + ": " + inReports;
    }
    String inHalo = halo == null ? null : halo.problem();
    if (inHalo != null) {
      return parts.get(7).label() + ": " + inHalo;
    }
    for (int at = 0; at < speed.capacity(); at++) {
      float value = speed.get(at);
      if (!(value > 0 && value <= 1)) {
        return parts.get(6).label() + ": the speed in cell " + at + " is " + value;
      }
    }
    return Hlc.isPlausible(time()) ? null : parts.get(3).label() + ": its time is " + time();
  }
}
