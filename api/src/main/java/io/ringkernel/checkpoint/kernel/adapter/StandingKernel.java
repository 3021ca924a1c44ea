package io.ringkernel.checkpoint.kernel.adapter;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.HlcTimestamp;
import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.kernel.CheckpointableKernel;
import io.ringkernel.checkpoint.kernel.QuiescedKernel;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * A kernel that was brought to stand still for a cut. Captures and restores here neither stop it
 * nor let it run on, and take turns of their own. Resuming takes the last of these turns; it is
 * done once, to its end, however many ask for it.
 */
public final class StandingKernel implements QuiescedKernel {
  /** Does not touch the kernel, but notes with which state it is to run on. */
  private final class InPlace implements Halt {
    @Override
    public Mono<Void> quiesce() {
      return Mono.fromRunnable(
          () -> {
            if (ended) {
              throw new IllegalStateException("it runs on already; quiesce it again");
            }
          });
    }

    @Override
    public Mono<Void> resume() {
      return Mono.empty();
    }

    @Override
    public Mono<Void> runRestored() {
      return Mono.fromRunnable(() -> restored = true);
    }
  }

  private final AdaptedState state;
  private final Runnable onEnd;
  private final Turn turn;
  private final CheckpointableKernel inPlace;
  private final AtomicReference<@Nullable Mono<Void>> resumption = new AtomicReference<>();

  /** What the kernel keeps in registers is of another state. */
  private volatile boolean restored;

  private volatile boolean ended;

  /**
   * Brings a kernel to stand still. It lets the kernel run on when that fails, is cancelled, or
   * nobody receives the result.
   *
   * @param state of the kernel; while the kernel stands, it is worked on through a halt that does
   *     not touch it
   */
  public static Mono<QuiescedKernel> of(AdaptedState state) {
    return Delivery.of(
        cancellation -> new Quiesce(state, cancellation).run(),
        // A failure of one that nobody received goes to Reactor's log.
        unreceived -> unreceived.resume(HlcTimestamp.ZERO).subscribe());
  }

  /**
   * One that stands still by now.
   *
   * @param onEnd passes the kernel itself on, whatever came of it; run before anybody is told, so
   *     that the next capture finds it free
   */
  StandingKernel(AdaptedState state, Runnable onEnd) {
    this.state = state;
    this.onEnd = onEnd;
    this.turn = new Turn(state.descriptor().kernelId(), true);
    this.inPlace = state.with(new InPlace(), turn);
  }

  @Override
  public String kernelId() {
    return state.descriptor().kernelId();
  }

  @Override
  public String kernelType() {
    return state.descriptor().kernelType();
  }

  @Override
  public HlcTimestamp hlc() {
    return state.descriptor().hlc().get();
  }

  @Override
  public Mono<Checkpoint> createCheckpoint() {
    return inPlace.createCheckpoint();
  }

  @Override
  public boolean supportsIncremental() {
    return inPlace.supportsIncremental();
  }

  @Override
  public Mono<Checkpoint> createIncrementalCheckpoint(Checkpoint base) {
    return inPlace.createIncrementalCheckpoint(base);
  }

  @Override
  public Mono<Void> restoreFromCheckpoint(Checkpoint checkpoint) {
    return inPlace.restoreFromCheckpoint(checkpoint);
  }

  /** {@inheritDoc} The time of the first subscriber counts. */
  @Override
  public Mono<Void> resume(HlcTimestamp cut) {
    return Mono.defer(
        () -> {
          resumption.compareAndSet(null, once(cut));
          return resumption.get();
        });
  }

  private Mono<Void> once(HlcTimestamp cut) {
    Turn.Lease last = turn.new Lease(KernelException.Phase.CAPTURE);
    return last.await()
        .then(Mono.defer(() -> runOn(cut)))
        .onErrorMap(e -> state.failure(KernelException.Phase.RESUME, "it could not run on", e))
        .doOnTerminate(
            () -> {
              last.release();
              onEnd.run();
            })
        .cache();
  }

  private Mono<Void> runOn(HlcTimestamp cut) {
    ended = true;
    if (!state.wholeness().isWhole()) {
      // A restore ended half-way.
      return Mono.empty();
    }
    // It runs on also when its clock does not take the time.
    return Mono.whenDelayError(
        Mono.fromRunnable(() -> state.descriptor().cut().accept(cut)),
        restored ? state.halt().runRestored() : state.halt().resume());
  }
}
