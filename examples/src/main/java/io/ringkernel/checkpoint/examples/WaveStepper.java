package io.ringkernel.checkpoint.examples;

import io.ringkernel.checkpoint.HlcClock;
import io.ringkernel.checkpoint.HlcTimestamp;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The kernel's program: one step after the other on its state. It takes due commands, computes the
 * next field, adds what the sources give, and reports from time to time.
 *
 * <p>A step depends on the state alone, except for the stamps of the clock: so a kernel that goes
 * on from a copy of the state computes the same bits.
 */
final class WaveStepper {
  /** Planes that a thread computes at a time: enough to make little of the two read around them. */
  private static final int SLAB = 16;

  private final WaveState state;
  private final Crew crew;
  private final HlcClock clock;
  private final int size;
  private final List<WaveSolver.Planes> planes;
  private final float[] beyond;
  private WaveSolver solver;

  WaveStepper(WaveState state, int size, Crew crew, HlcClock clock) {
    this.state = state;
    this.crew = crew;
    this.clock = clock;
    this.size = size;
    this.planes = Stream.generate(() -> new WaveSolver.Planes(size)).limit(crew.threads()).toList();
    this.beyond = new float[size * size];
    this.solver = solver();
  }

  private WaveSolver solver() {
    Halo halo = state.halo();
    return new WaveSolver(size, state.control().walls(), halo == null ? null : halo.face());
  }

  /** Whether the neighbour, if there is one, has sent what the next step needs. */
  boolean canStep() {
    Halo halo = state.halo();
    return halo == null || halo.has(state.control().step());
  }

  /** The newest plane at a face, for the neighbour beyond it. */
  void readFace(Halo.Face face, float[] target) {
    int z = face == Halo.Face.TOP ? size - 1 : 0;
    state.current().get(z * size * size, target);
  }

  /** The state was replaced: what follows from it is made anew. */
  void stateReplaced() {
    solver = solver();
  }

  void step() {
    takeCommands();
    Halo halo = state.halo();
    if (halo != null) {
      halo.read(state.control().step(), beyond);
    }
    FloatBuffer current = state.current();
    FloatBuffer next = state.older();
    FloatBuffer speed = state.speed();
    crew.share(
        (size - 1) / SLAB + 1,
        (worker, slab) -> {
          int from = slab * SLAB;
          int to = Math.min(from + SLAB, size);
          solver.advance(current, next, speed, from, to, beyond, planes.get(worker));
        });
    addSources(next, state.control().step() + 1);
    state.control().stepDone();
    if (state.control().step() % state.control().reportEvery() == 0) {
      report();
    }
  }

  /** In order: a command that is not due yet holds up those behind it. */
  private void takeCommands() {
    while (true) {
      Optional<Command> due = state.commands().peek(Command::read).filter(this::isDue);
      if (due.isEmpty() || !state.control().addSource(started(due.get()))) {
        return;
      }
      state.time(clock.merge(due.get().time));
      state.commands().drop();
      state.control().countCommand();
    }
  }

  private boolean isDue(Command command) {
    return command.source.startStep() <= state.control().step();
  }

  private WaveSource started(Command command) {
    return command.source.notBefore(state.control().step());
  }

  private void addSources(FloatBuffer next, long step) {
    for (int slot = 0; slot < ControlBlock.SOURCES; slot++) {
      WaveSource source = state.control().source(slot).orElse(null);
      if (source == null) {
        continue;
      }
      int cell = state.cell(source.x(), source.y(), source.z());
      next.put(cell, next.get(cell) + source.at(step));
      if (source.isOver(step)) {
        state.control().removeSource(slot);
      }
    }
  }

  private void report() {
    WaveSolver.Measure[] measured = new WaveSolver.Measure[size];
    FloatBuffer current = state.current();
    FloatBuffer older = state.older();
    FloatBuffer speed = state.speed();
    crew.share(
        size,
        (worker, z) -> measured[z] = solver.measure(current, older, speed, z, planes.get(worker)));
    // In the order of the planes, so that the sum does not depend on who was first.
    double energy = Arrays.stream(measured).mapToDouble(WaveSolver.Measure::energy).sum();
    double peak = Arrays.stream(measured).mapToDouble(WaveSolver.Measure::peak).max().orElse(0);
    HlcTimestamp time = clock.tick();
    WaveReport report = new WaveReport(state.control().step(), energy, (float) peak, time);
    state.time(time);
    state.reports().push(time, report::writeTo);
    state.control().countReport();
  }

  /** Takes the reports that the host has not seen. */
  List<WaveReport> takeReports() {
    List<WaveReport> taken = new ArrayList<>();
    MessageRing reports = state.reports();
    Optional<WaveReport> next = reports.peek(WaveReport::readFrom);
    while (next.isPresent()) {
      taken.add(next.get());
      reports.drop();
      next = reports.peek(WaveReport::readFrom);
    }
    return taken;
  }

  private record Command(HlcTimestamp time, WaveSource source) {
    static Command read(HlcTimestamp time, ByteBuffer body) {
      return new Command(time, WaveSource.readFrom(body));
    }
  }
}
