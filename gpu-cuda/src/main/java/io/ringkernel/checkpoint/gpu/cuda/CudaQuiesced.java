package io.ringkernel.checkpoint.gpu.cuda;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.HlcTimestamp;
import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.kernel.QuiescedKernel;
import io.ringkernel.checkpoint.kernel.adapter.Resumption;
import io.ringkernel.checkpoint.kernel.adapter.Turn;
import reactor.core.publisher.Mono;

/**
 * A CUDA kernel that stands still for a cut. What is captured or restored here neither stops it nor
 * lets it run on, and takes turns of its own; resuming it takes the last of them.
 */
final class CudaQuiesced implements QuiescedKernel {
  private enum Memory {
    /** As the kernel left it. */
    ITS_OWN,
    /** All of it was restored: what the kernel keeps in registers is of another state. */
    RESTORED,
    /** Being worked on, or left half restored: a capture then leaves it so. */
    IN_USE
  }

  /** Notes whether the kernel may run on, and with what. */
  private final class Standing implements Halt {
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

  private final StateAccess running;
  private final StateAccess state;
  private final Resumption resumption;
  private volatile Memory memory = Memory.ITS_OWN;
  private volatile Memory before = Memory.ITS_OWN;
  private volatile boolean ended;

  /**
   * @param running the kernel as it is when it runs
   * @param onEnd passes its turn on; run once
   */
  CudaQuiesced(StateAccess running, Runnable onEnd) {
    this.running = running;
    Turn turn = new Turn(running.descriptor().kernelId(), true);
    this.state = running.with(new Standing(), turn);
    this.resumption =
        new Resumption(
            turn,
            onEnd,
            e -> running.failures().of(KernelException.Phase.RESUME, "it could not run on", e));
  }

  @Override
  public String kernelId() {
    return running.descriptor().kernelId();
  }

  @Override
  public String kernelType() {
    return running.descriptor().kernelType();
  }

  @Override
  public HlcTimestamp hlc() {
    return running.descriptor().hlc().get();
  }

  @Override
  public Mono<Checkpoint> createCheckpoint() {
    return state.capture(null);
  }

  @Override
  public boolean supportsIncremental() {
    return state.comparesOnDevice();
  }

  @Override
  public Mono<Checkpoint> createIncrementalCheckpoint(Checkpoint base) {
    return state.capture(base);
  }

  @Override
  public Mono<Void> restoreFromCheckpoint(Checkpoint checkpoint) {
    return state.restore(checkpoint);
  }

  @Override
  public Mono<Void> resume(HlcTimestamp cut) {
    return resumption.by(() -> runOn(cut));
  }

  private Mono<Void> runOn(HlcTimestamp cut) {
    ended = true;
    if (memory == Memory.IN_USE) {
      // A restore failed half-way: it must not run on with half a state.
      return Mono.empty();
    }
    Halt halt = running.halt();
    // It runs on also when its clock does not take the time.
    return Mono.whenDelayError(
        Mono.fromRunnable(() -> running.descriptor().cut().accept(cut)),
        memory == Memory.RESTORED ? halt.runRestored() : halt.resume());
  }
}
