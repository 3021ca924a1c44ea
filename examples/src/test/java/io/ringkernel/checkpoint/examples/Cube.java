package io.ringkernel.checkpoint.examples;

import io.ringkernel.checkpoint.HlcClock;
import io.ringkernel.checkpoint.HlcTimestamp;
import java.util.List;
import java.util.stream.IntStream;

/** A wave that a test steps by itself, on its own thread. */
final class Cube implements AutoCloseable {
  final int size;
  final WaveState state;
  final WaveStepper stepper;
  private final Crew crew;

  Cube(WaveSetup setup) {
    size = setup.size();
    state = WaveState.onHeap(size, null);
    state.format(setup, HlcTimestamp.ZERO);
    crew = new Crew("cube", setup.threads());
    stepper = new WaveStepper(state, size, crew, new HlcClock(1));
  }

  static Cube with(int size, WaveSetup.Walls walls, WaveSource... sources) {
    return with(WaveSetup.ofSize(size).withWalls(walls), sources);
  }

  static Cube with(WaveSetup setup, WaveSource... sources) {
    Cube cube = new Cube(setup.withThreads(1).withReportEvery(1));
    for (WaveSource source : sources) {
      cube.state.commands().offer(HlcTimestamp.ZERO, source::writeTo);
    }
    return cube;
  }

  void steps(int count) {
    IntStream.range(0, count).forEach(i -> stepper.step());
  }

  float at(int x, int y, int z) {
    return state.current().get(state.cell(x, y, z));
  }

  /** Of the current field, as a report would tell it. */
  double energy() {
    List<WaveReport> reports = stepper.takeReports();
    return reports.get(reports.size() - 1).energy();
  }

  @Override
  public void close() {
    crew.close();
  }
}
