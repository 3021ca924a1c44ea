package io.ringkernel.checkpoint.core.host;

import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import io.ringkernel.checkpoint.kernel.KernelMemory;
import io.ringkernel.checkpoint.storage.blocking.IoThreads;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** Memory of host kernels, and the threads that work on it. */
final class HostMemory {
  private static final int THREADS = Runtime.getRuntime().availableProcessors();

  /** Small enough that several threads share the copy of a state, large enough to hide a task. */
  private static final int COPY_BYTES = 4 << 20;

  /**
   * Copies memory, and asks the JVM for it, which may wait for a garbage collection. One for the
   * whole process: the processors and the memory bus are one, whatever the number of kernels. No
   * thread stays when all are idle, so that nothing is to be ended.
   */
  static final Scheduler THREAD = Schedulers.fromExecutor(new IoThreads("rkcp-host", THREADS));

  private HostMemory() {}

  /** The memory of a part; the adapter has refused any other. */
  static List<ByteBuffer> of(KernelDescriptor.Part part) {
    return ((KernelMemory.Host) part.memory()).buffers();
  }

  private record Stretch(ByteBuffer from, ByteBuffer to) {
    void copy() {
      to.put(from);
    }
  }

  /**
   * Copies buffers into others, on several threads.
   *
   * @param from read from position 0 to their capacities
   * @param to as many bytes or more, written in the same order
   */
  static Mono<Void> copy(List<ByteBuffer> from, List<ByteBuffer> to) {
    return Mono.fromSupplier(() -> stretches(from, to))
        .flatMapMany(Flux::fromIterable)
        .flatMap(
            stretch -> Mono.fromRunnable(stretch::copy).subscribeOn(THREAD), Math.max(1, THREADS))
        .then();
  }

  private static List<Stretch> stretches(List<ByteBuffer> from, List<ByteBuffer> to) {
    List<Stretch> stretches = new ArrayList<>();
    int target = 0;
    int targetAt = 0;
    for (ByteBuffer source : from) {
      int at = 0;
      while (at < source.capacity()) {
        int room = to.get(target).capacity() - targetAt;
        if (room == 0) {
          target++;
          targetAt = 0;
          continue;
        }
        int length = Math.min(Math.min(source.capacity() - at, room), COPY_BYTES);
        stretches.add(
            new Stretch(source.slice(at, length), to.get(target).slice(targetAt, length)));
        at += length;
        targetAt += length;
      }
    }
    return stretches;
  }
}
