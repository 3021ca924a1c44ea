package io.ringkernel.checkpoint.cli;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.kernel.CheckpointableKernel;
import reactor.core.publisher.Mono;

/**
 * A kernel that tells when its state has been captured.
 *
 * @param kernel does all the work
 * @param captured told each time
 */
record WatchedKernel(CheckpointableKernel kernel, Runnable captured)
    implements CheckpointableKernel {
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
    return kernel.createCheckpoint().doOnNext(checkpoint -> captured.run());
  }

  @Override
  public boolean supportsIncremental() {
    return kernel.supportsIncremental();
  }

  @Override
  public Mono<Checkpoint> createIncrementalCheckpoint(Checkpoint base) {
    return kernel.createIncrementalCheckpoint(base).doOnNext(checkpoint -> captured.run());
  }

  @Override
  public Mono<Void> restoreFromCheckpoint(Checkpoint checkpoint) {
    return kernel.restoreFromCheckpoint(checkpoint);
  }
}
