package io.ringkernel.checkpoint.examples;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.HlcClock;
import io.ringkernel.checkpoint.HlcTimestamp;
import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.error.KernelException.Phase;
import io.ringkernel.checkpoint.kernel.QuiescedKernel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * A wave in a cube, computed on the CPU: a kernel as a GPU would run one, to copy from.
 *
 * <p>It runs on threads of its own, step after step, as long as somebody waits for a later step.
 * What is asked of it is done between two steps: a capture copies the whole state to a shadow, on
 * all threads, and the kernel runs on while the checkpoint is read from there. There is one shadow:
 * a capture waits until the checkpoint of the one before it was closed.
 *
 * <p>It can be kept standing, so that several kernels are captured at one cut; see {@link
 * WavePair}.
 *
 * <p>Safe for any number of threads. Nothing here blocks; answers come on a thread of the kernel's
 * that is not the one that computes.
 */
public final class WaveKernel implements Wave {
  /** The {@link #kernelType} of all wave kernels. */
  public static final String TYPE = "wave3d-fdtd";

  /** Clock of the host that sends the commands: one for all kernels, as they are of one node. */
  private static final HlcClock HOST = new HlcClock(0);

  private record Run(long step, Answer<Long> answer) {}

  private final String kernelId;
  private final int size;
  private final WaveState state;
  private final HlcClock clock;
  private final Crew crew;
  private final WaveStepper stepper;
  private final KernelLoop loop;
  private final WaveShadow shadow;

  // The kernel's thread only:
  private final List<Run> runs = new ArrayList<>();
  private final Queue<Answer<Checkpoint>> captures = new ArrayDeque<>();
  private final Queue<Answer<QuiescedKernel>> quiesces = new ArrayDeque<>();
  private final Queue<Answer<Checkpoint>> standingCaptures = new ArrayDeque<>();
  private @Nullable StandingWave standing;
  private @Nullable WaveKernel neighbour;

  private WaveKernel(String kernelId, WaveSetup setup, Halo.@Nullable Face face) {
    this.kernelId = kernelId;
    this.size = setup.size();
    this.clock = new HlcClock(DataChunk.regionId(kernelId));
    this.state = WaveState.direct(size, face);
    state.format(setup, clock.tick());
    this.crew = new Crew("wave-" + kernelId, setup.threads());
    this.stepper = new WaveStepper(state, size, crew, clock);
    this.loop = new KernelLoop(kernelId, this::turn, crew::close);
    WaveState copy = WaveState.direct(size, face);
    this.shadow = new WaveShadow(kernelId, size, state, copy, crew, loop);
  }

  /**
   * A kernel at step 0, at rest; the caller closes it.
   *
   * @param kernelId which kernel; any text without a lone surrogate
   * @param setup what it is made of
   */
  public static WaveKernel start(String kernelId, WaveSetup setup) {
    WaveKernel kernel = new WaveKernel(kernelId, setup, null);
    kernel.loop.start();
    return kernel;
  }

  static WavePair startPair(String lowerId, String upperId, WaveSetup setup) {
    WaveKernel lower = new WaveKernel(lowerId, setup, Halo.Face.TOP);
    WaveKernel upper = new WaveKernel(upperId, setup, Halo.Face.BOTTOM);
    lower.neighbour = upper;
    upper.neighbour = lower;
    lower.loop.start();
    upper.loop.start();
    return new WavePair(lower, upper);
  }

  @Override
  public String kernelId() {
    return kernelId;
  }

  @Override
  public String kernelType() {
    return TYPE;
  }

  /**
   * Lets the kernel run to a step. It stops early only when this is cancelled, and nobody else
   * waits for a later one.
   *
   * @param step where to stop; one that was reached before is reached now
   * @return the step the kernel is at: {@code step}, or a later one
   */
  @Override
  public Mono<Long> runTo(long step) {
    return loop.ask(Phase.RESUME, answer -> runs.add(new Run(step, answer)));
  }

  /**
   * Puts a source into the queue to the kernel, which takes it when its start step has come. The
   * kernel takes sources in order and has up to {@value ControlBlock#SOURCES} at work.
   *
   * @param source a pulse within the grid
   * @return empty; {@code IllegalStateException} when the queue is full: let the kernel run, then
   *     try again
   * @throws IllegalArgumentException when its cell is outside the grid
   */
  public Mono<Void> inject(WaveSource source) {
    if (!source.fits(size)) {
      throw new IllegalArgumentException(source + " is not within a cube of " + size);
    }
    return loop.ask(
        Phase.RESUME,
        answer -> {
          if (!state.commands().offer(HOST.tick(), source::writeTo)) {
            throw new IllegalStateException(
                "the queue to kernel '" + kernelId + "' is full; let it run to take what is there");
          }
          answer.done();
        });
  }

  /**
   * Takes the reports that were not taken yet, the newest {@value MessageRing#CAPACITY} at most.
   */
  public Mono<List<WaveReport>> takeReports() {
    return loop.ask(Phase.RESUME, answer -> answer.give(stepper.takeReports()));
  }

  @Override
  public Mono<Checkpoint> createCheckpoint() {
    // Cancelled too late to prevent the capture: the shadow comes back.
    return loop.ask(Phase.CAPTURE, captures::add, Checkpoint::close);
  }

  /**
   * {@inheritDoc}
   *
   * <p>The checkpoint is read beside the running kernel and taken over between two steps. When it
   * is refused or can't be read, nothing was changed and the kernel runs on as it was. Those who
   * wait for a step go on waiting: the kernel runs to it from the restored one.
   */
  @Override
  public Mono<Void> restoreFromCheckpoint(Checkpoint checkpoint) {
    return restore(checkpoint, null);
  }

  /**
   * Restores the kernel that runs, or that stands.
   *
   * @param asked the one that stands; null for the one that runs
   */
  Mono<Void> restore(Checkpoint checkpoint, @Nullable StandingWave asked) {
    Halo halo = state.halo();
    WaveRestore restore = new WaveRestore(kernelId, TYPE, size, halo == null ? null : halo.face());
    return loop.beside(Phase.RESTORE, restore.read(checkpoint))
        .flatMap(staged -> loop.ask(Phase.RESTORE, answer -> takeOver(staged, asked, answer)));
  }

  private void takeOver(WaveState staged, @Nullable StandingWave asked, Answer<Void> answer) {
    if (standing != asked) {
      throw new KernelException(
          kernelId,
          Phase.RESTORE,
          "it is kept standing for a cut, or is so no more; nothing was changed",
          null);
    }
    // The clock goes on from the later of the two, yet the state shows the restored one.
    clock.merge(staged.time());
    state.copyFrom(staged, crew);
    stepper.stateReplaced();
    answer.done();
  }

  /** The state itself, to look at while nobody waits for a step. */
  WaveState memory() {
    return state;
  }

  @Override
  public Mono<QuiescedKernel> quiesce() {
    return loop.ask(
        Phase.QUIESCE,
        quiesces::add,
        unreceived -> loop.tell(() -> runOn(unreceived, HlcTimestamp.ZERO)));
  }

  /** Captures the kernel as it stands. */
  Mono<Checkpoint> capture(StandingWave asked) {
    return loop.ask(
        Phase.CAPTURE,
        answer -> {
          if (standing != asked) {
            throw new KernelException(kernelId, Phase.CAPTURE, "it runs on already", null);
          }
          standingCaptures.add(answer);
        },
        Checkpoint::close);
  }

  /** Lets the kernel run on from where it stands. */
  Mono<Void> resume(StandingWave asked, HlcTimestamp cut) {
    return loop.ask(
        Phase.RESUME,
        answer -> {
          runOn(asked, cut);
          answer.done();
        });
  }

  private void runOn(QuiescedKernel asked, HlcTimestamp cut) {
    if (standing == asked) {
      clock.merge(cut);
      standing = null;
    }
  }

  /** One turn of the kernel's thread; false when no step can be done now. */
  private boolean turn() {
    quiesceOrCapture();
    runs.removeIf(run -> !run.answer.isWanted() || isReached(run));
    if (runs.isEmpty() || standing != null || !stepper.canStep()) {
      return false;
    }
    stepper.step();
    sendFace();
    return true;
  }

  /** Between two steps of the neighbour, and before whatever it is asked after this. */
  private void sendFace() {
    WaveKernel receiver = neighbour;
    Halo own = state.halo();
    if (receiver != null && own != null) {
      long step = state.control().step();
      float[] face = new float[size * size];
      stepper.readFace(own.face(), face);
      receiver.loop.tell(() -> receiver.receive(step, face));
    }
  }

  private void receive(long step, float[] face) {
    Halo halo = state.halo();
    if (halo != null) {
      halo.receive(step, face);
    }
  }

  private boolean isReached(Run run) {
    long step = state.control().step();
    if (step < run.step) {
      return false;
    }
    run.answer.give(step);
    return true;
  }

  /** Who quiesces it gets it only with the shadow free: nobody is to stand and wait for that. */
  private void quiesceOrCapture() {
    while (standing == null && !shadow.isLent() && !quiesces.isEmpty()) {
      Answer<QuiescedKernel> answer = quiesces.remove();
      if (answer.isWanted()) {
        standing = new StandingWave(this, state.time());
        answer.give(standing);
      }
    }
    shadow.lendTo(standing == null ? captures : standingCaptures);
  }

  /**
   * Ends the run after the step under way and lets the threads go; returns at once. What is waited
   * for fails. A checkpoint that is still open stays readable. Idempotent.
   */
  @Override
  public void close() {
    loop.close();
  }
}
