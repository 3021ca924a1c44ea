package io.ringkernel.checkpoint.examples;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.HlcTimestamp;
import io.ringkernel.checkpoint.kernel.QuiescedKernel;
import reactor.core.publisher.Mono;

/** A wave kernel between two steps, until it is told to run on. */
final class StandingWave implements QuiescedKernel {
  private final WaveKernel kernel;
  private final HlcTimestamp hlc;

  StandingWave(WaveKernel kernel, HlcTimestamp hlc) {
    this.kernel = kernel;
    this.hlc = hlc;
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
  public HlcTimestamp hlc() {
    return hlc;
  }

  @Override
  public Mono<Checkpoint> createCheckpoint() {
    return kernel.capture(this);
  }

  @Override
  public Mono<Void> restoreFromCheckpoint(Checkpoint checkpoint) {
    return kernel.restore(checkpoint, this);
  }

  @Override
  public Mono<Void> resume(HlcTimestamp cut) {
    return kernel.resume(this, cut);
  }
}
