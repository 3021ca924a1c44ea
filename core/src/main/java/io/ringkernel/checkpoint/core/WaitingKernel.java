package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.CaptureReport;
import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointBuilder;
import io.ringkernel.checkpoint.HlcTimestamp;
import io.ringkernel.checkpoint.kernel.CheckpointableKernel;
import java.time.Duration;
import java.util.function.Function;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * A kernel of a cut as its save sees it: the capture that the save asks for waits until the cut
 * hands one over.
 */
final class WaitingKernel implements CheckpointableKernel {
  private final CheckpointableKernel kernel;
  private final Mono<Void> affordable;
  private final Sinks.Empty<Void> asked = Sinks.empty();
  private final Sinks.One<Checkpoint> state = Sinks.one();
  private final Sinks.Empty<Void> wasRead = Sinks.empty();
  private volatile Function<CheckpointableKernel, Mono<Checkpoint>> capture =
      CheckpointableKernel::createCheckpoint;

  /**
   * @param affordable fails when the kernel should not be stopped at all
   */
  WaitingKernel(CheckpointableKernel kernel, Mono<Void> affordable) {
    this.kernel = kernel;
    this.affordable = affordable;
  }

  @Override
  public String kernelId() {
    return kernel.kernelId();
  }

  @Override
  public String kernelType() {
    return kernel.kernelType();
  }

  @Override
  public Mono<Checkpoint> createCheckpoint() {
    return wait(CheckpointableKernel::createCheckpoint);
  }

  @Override
  public boolean supportsIncremental() {
    return kernel.supportsIncremental();
  }

  @Override
  public Mono<Checkpoint> createIncrementalCheckpoint(Checkpoint base) {
    return wait(standing -> standing.createIncrementalCheckpoint(base));
  }

  private Mono<Checkpoint> wait(Function<CheckpointableKernel, Mono<Checkpoint>> how) {
    return affordable.then(
        Mono.defer(
            () -> {
              capture = how;
              asked.tryEmitEmpty();
              return state.asMono();
            }));
  }

  @Override
  public Mono<Void> restoreFromCheckpoint(Checkpoint checkpoint) {
    return Mono.error(new UnsupportedOperationException("it is only captured"));
  }

  /** Completes when the save has done all that comes before the capture. */
  Mono<Void> asked() {
    return asked.asMono();
  }

  /** Captures the kernel where it stands, in the way that the save asked for. */
  Mono<Checkpoint> capture(CheckpointableKernel standing) {
    return Mono.defer(() -> capture.apply(standing));
  }

  /**
   * Gives the save what was captured, stamped with the time of the cut; the save releases it.
   *
   * @param stall how long the kernel has stood still by now
   */
  void handOver(Checkpoint captured, HlcTimestamp cut, Duration stall) {
    CheckpointBuilder stamped =
        Checkpoint.builder(captured.metadata().toBuilder().hlc(cut).build())
            .onRelease(
                captured
                    .release()
                    .doOnSuccess(done -> wasRead.tryEmitEmpty())
                    .doOnError(wasRead::tryEmitError));
    captured.chunks().forEach(stamped::chunk);
    captured
        .capture()
        .ifPresent(
            report -> stamped.capture(new CaptureReport(stall, report.mode(), report.notes())));
    state.tryEmitValue(stamped.build());
  }

  /** Completes when the save has read what was handed over, and released it. */
  Mono<Void> wasRead() {
    return wasRead.asMono();
  }
}
