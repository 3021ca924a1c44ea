package io.ringkernel.checkpoint.kernel.adapter;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.HlcTimestamp;
import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.kernel.CheckpointableKernel;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import io.ringkernel.checkpoint.kernel.QuiescedKernel;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * A kernel that was brought to stand still for a cut. What is captured or restored here neither
 * stops it nor lets it run on, and takes turns of its own; resuming it takes the last of them, and
 * is done once, to its end, whoever asks for it.
 */
public final class StandingKernel implements QuiescedKernel {
  private enum Memory {
    /** As the kernel left it. */
    ITS_OWN,
    /** All of it was restored: what the kernel keeps in registers is of another state. */
    RESTORED,
    /** Being worked on, or left half restored: a capture then leaves it so. */
    IN_USE
  }

  /** Notes whether the kernel may run on, and with what. */
  private final class InPlace implements Halt {
    @Override
    public Mono<Void> quiesce() {
      return Mono.fromRunnable(
          () -> {
            if (ended) {
              throw new IllegalStateException("it runs on already; quiesce it again");
            }
            before = memory;
            memory = Memory.IN_USE;
          });
    }

    @Override
    public Mono<Void> resume() {
      return Mono.fromRunnable(() -> memory = before);
    }

    @Override
    public Mono<Void> runRestored() {
      return Mono.fromRunnable(() -> memory = Memory.RESTORED);
    }
  }

  private final KernelDescriptor descriptor;
  private final Halt halt;
  private final Runnable onEnd;
  private final Function<Throwable, Throwable> wording;
  private final Turn turn;
  private final CheckpointableKernel inPlace;
  private final AtomicReference<@Nullable Mono<Void>> resumption = new AtomicReference<>();
  private volatile Memory memory = Memory.ITS_OWN;
  private volatile Memory before = Memory.ITS_OWN;
  private volatile boolean ended;

  /**
   * One that stands still by now.
   *
   * @param descriptor of the kernel
   * @param halt lets it run on
   * @param inPlace the same kernel for those who work on it here, by a halt that touches it not,
   *     and in turns of their own
   * @param onEnd passes the kernel itself on, whatever came of it; run before anybody is told, so
   *     that the next capture finds it free
   * @param wording makes a failure one of this kernel's
   */
  public StandingKernel(
      KernelDescriptor descriptor,
      Halt halt,
      BiFunction<Halt, Turn, CheckpointableKernel> inPlace,
      Runnable onEnd,
      Function<Throwable, Throwable> wording) {
    this.descriptor = descriptor;
    this.halt = halt;
    this.onEnd = onEnd;
    this.wording = wording;
    this.turn = new Turn(descriptor.kernelId(), true);
    this.inPlace = inPlace.apply(new InPlace(), turn);
  }

  @Override
  public String kernelId() {
    return descriptor.kernelId();
  }

  @Override
  public String kernelType() {
    return descriptor.kernelType();
  }

  @Override
  public HlcTimestamp hlc() {
    return descriptor.hlc().get();
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

  /** {@inheritDoc} The time of the first who asks counts. */
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
        .onErrorMap(wording)
        .doOnTerminate(
            () -> {
              last.release();
              onEnd.run();
            })
        .cache();
  }

  private Mono<Void> runOn(HlcTimestamp cut) {
    ended = true;
    if (memory == Memory.IN_USE) {
      // A restore failed half-way: it must not run on with half a state.
      return Mono.empty();
    }
    // It runs on also when its clock does not take the time.
    return Mono.whenDelayError(
        Mono.fromRunnable(() -> descriptor.cut().accept(cut)),
        memory == Memory.RESTORED ? halt.runRestored() : halt.resume());
  }
}
