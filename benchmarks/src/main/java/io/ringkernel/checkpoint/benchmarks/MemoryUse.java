package io.ringkernel.checkpoint.benchmarks;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.core.Checkpointer;
import io.ringkernel.checkpoint.format.Compression;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import reactor.core.publisher.Mono;

/**
 * The memory that a save needs beyond the state: live heap right after a collection plus direct
 * memory, sampled while a state that is nowhere in memory is compressed and stored.
 */
final class MemoryUse {
  private static final double BUDGET_BYTES = 64 << 20;

  private final long stateSize;

  MemoryUse(long stateSize) {
    this.stateSize = stateSize;
  }

  Result run() throws InterruptedException {
    long before = used();
    AtomicBoolean done = new AtomicBoolean();
    long[] peak = {before};
    Thread sampler =
        new Thread(
            () -> {
              while (!done.get()) {
                peak[0] = Math.max(peak[0], used());
              }
            },
            "memory-sampler");
    Checkpointer checkpointer =
        Checkpointer.builder(new DiscardingStorage()).compression(Compression.of("lz4")).build();
    sampler.start();
    try (Checkpoint checkpoint =
        Checkpoint.builder(CheckpointMetadata.builder("bench", "bench").build())
            .deviceMemory("state", new Elsewhere(stateSize))
            .build()) {
      checkpointer.save("state", checkpoint).block();
    } finally {
      done.set(true);
      sampler.join();
      checkpointer.close().block();
    }
    double beyond = Math.max(1, peak[0] - before);
    return Result.ofBytes(
        "memory of a save of " + (stateSize >> 30) + " GiB", "64 MiB", beyond, BUDGET_BYTES);
  }

  private static long used() {
    System.gc();
    long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    List<BufferPoolMXBean> pools = ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class);
    return heap
        + pools.stream()
            .filter(pool -> pool.getName().equals("direct"))
            .mapToLong(BufferPoolMXBean::getMemoryUsed)
            .sum();
  }

  /** State that is not in host memory: made up anew as it is read. */
  private record Elsewhere(long size) implements ChunkContent {
    @Override
    public Mono<Integer> read(long offset, ByteBuffer target) {
      return Mono.fromSupplier(
          () -> {
            int wanted = (int) Math.min(target.remaining(), size - offset);
            byte[] bytes = new byte[wanted];
            ThreadLocalRandom.current().nextBytes(bytes);
            target.put(bytes);
            return wanted;
          });
    }
  }
}
