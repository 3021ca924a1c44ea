package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.kernel.CheckpointableKernel;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** A kernel that stands at one step, and keeps what it is restored from. */
final class StillKernel implements CheckpointableKernel {
  final AtomicInteger open = new AtomicInteger();
  final AtomicInteger captures = new AtomicInteger();
  private final String id;
  private volatile long step;
  private volatile Map<String, ByteBuffer> state = Map.of();
  private volatile long restoredStep = -1;

  StillKernel(String id, long step) {
    this.id = id;
    this.step = step;
  }

  void moveTo(long newStep) {
    step = newStep;
  }

  @Override
  public String kernelId() {
    return id;
  }

  @Override
  public String kernelType() {
    return TestStates.TYPE;
  }

  @Override
  public Mono<Checkpoint> createCheckpoint() {
    return Mono.fromSupplier(
        () -> {
          captures.incrementAndGet();
          open.incrementAndGet();
          Checkpoint state = TestStates.of(id, step);
          return Checkpoint.of(state.metadata(), state.chunks(), open::decrementAndGet);
        });
  }

  @Override
  public Mono<Void> restoreFromCheckpoint(Checkpoint checkpoint) {
    return Flux.fromIterable(checkpoint.chunks())
        .concatMap(
            chunk -> {
              ByteBuffer target = ByteBuffer.allocate((int) chunk.size());
              return chunk
                  .content()
                  .read(0, target)
                  .map(
                      read ->
                          Map.entry(
                              chunk.type() + "/" + Long.toHexString(chunk.id()), target.flip()));
            })
        .collectMap(Map.Entry::getKey, Map.Entry::getValue)
        .doOnNext(read -> state = read)
        .doOnNext(read -> restoredStep = checkpoint.metadata().step())
        .then();
  }

  Map<String, ByteBuffer> state() {
    return state;
  }

  long restoredStep() {
    return restoredStep;
  }
}
