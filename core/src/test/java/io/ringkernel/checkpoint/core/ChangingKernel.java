package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointBuilder;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.ChunkType;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.kernel.CheckpointableKernel;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** A kernel of named regions that a test changes as it likes. */
class ChangingKernel implements CheckpointableKernel {
  static final int BLOCK = 64 << 10;

  final Map<String, byte[]> regions = new LinkedHashMap<>();
  final AtomicInteger open = new AtomicInteger();
  private final String id;
  long step = 1;
  byte[] control = TestStates.random(100, 5);

  ChangingKernel(String id) {
    this.id = id;
  }

  /** A region of random blocks and a tail of some bytes. */
  ChangingKernel region(String name, int blocks, long seed) {
    regions.put(name, TestStates.random(blocks * BLOCK + 17, seed));
    return this;
  }

  /** Changes one byte of a block. */
  void touch(String region, int block) {
    regions.computeIfPresent(
        region,
        (name, bytes) -> {
          byte[] changed = bytes.clone();
          changed[block * BLOCK + 5]++;
          return changed;
        });
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
    return Mono.fromSupplier(this::state);
  }

  Checkpoint state() {
    open.incrementAndGet();
    CheckpointBuilder checkpoint =
        Checkpoint.builder(TestStates.metadata(id, step))
            .controlBlock(ChunkContent.of(control))
            .onClose(open::decrementAndGet);
    regions.forEach((name, bytes) -> checkpoint.chunk(chunk(name, bytes)));
    return checkpoint.build();
  }

  DataChunk chunk(String name, byte[] bytes) {
    return DataChunk.region(name, ChunkContent.of(bytes));
  }

  Map<String, ByteBuffer> bytes() {
    try (Checkpoint state = state()) {
      return TestStates.bytes(state);
    }
  }

  @Override
  public Mono<Void> restoreFromCheckpoint(Checkpoint checkpoint) {
    Map<String, byte[]> read = new LinkedHashMap<>();
    return Flux.fromIterable(checkpoint.chunks())
        .concatMap(
            chunk -> {
              byte[] target = new byte[(int) chunk.size()];
              return chunk
                  .content()
                  .read(0, ByteBuffer.wrap(target))
                  .doOnNext(
                      all -> {
                        if (chunk.type().equals(ChunkType.CONTROL_BLOCK)) {
                          control = target;
                        } else {
                          read.put(chunk.name().orElseThrow(), target);
                        }
                      });
            })
        .then(
            Mono.fromRunnable(
                () -> {
                  regions.clear();
                  regions.putAll(read);
                  step = checkpoint.metadata().step();
                }));
  }
}
