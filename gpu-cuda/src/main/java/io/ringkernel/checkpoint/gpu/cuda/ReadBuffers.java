package io.ringkernel.checkpoint.gpu.cuda;

import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.internal.ExactRead;
import java.nio.ByteBuffer;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import reactor.core.publisher.Mono;

/**
 * Ordinary memory that content is read into before it goes on to a pinned buffer, which costs a
 * copy within the host's memory. For it a read can be cancelled: who cancels can't know whether the
 * content writes on, and the garbage collector takes this memory, whereas a pinned buffer can be
 * given to nobody else any more, nor be freed.
 */
final class ReadBuffers {
  private final int size;
  private final int mostDirect;
  private final DriverThreads threads;
  private final Queue<ByteBuffer> idle = new ConcurrentLinkedQueue<>();
  private final AtomicInteger direct = new AtomicInteger();

  /**
   * @param size bytes of each
   * @param mostDirect of them in direct memory; there may be more in the heap
   */
  ReadBuffers(int size, int mostDirect, DriverThreads threads) {
    this.size = size;
    this.mostDirect = mostDirect;
    this.threads = threads;
  }

  /**
   * Reads a piece of content on a driver thread, since some content copies where it is subscribed
   * to, or on threads of the content's own. Cancelled with its subscriber.
   *
   * @param length at most the size of a buffer
   * @param then what becomes of the bytes, which are not there any more once this has ended
   */
  Mono<Void> read(
      ChunkContent content, long offset, int length, Function<ByteBuffer, Mono<Void>> then) {
    return Mono.defer(
        () -> {
          ByteBuffer memory = take();
          AtomicBoolean over = new AtomicBoolean();
          return threads
              .hop()
              .then(ExactRead.of(content, offset, memory.slice(0, length)))
              .flatMap(then)
              .doOnSuccess(nothing -> end(over, () -> idle.add(memory)))
              // Whoever gave up may not have been the last to use it.
              .doOnError(e -> end(over, () -> drop(memory)))
              .doOnCancel(() -> end(over, () -> drop(memory)));
        });
  }

  /** Who cancels may be just too late, or just in time. */
  private static void end(AtomicBoolean over, Runnable end) {
    if (over.compareAndSet(false, true)) {
      end.run();
    }
  }

  private ByteBuffer take() {
    ByteBuffer used = idle.poll();
    if (used != null) {
      return used;
    }
    if (direct.getAndUpdate(n -> n < mostDirect ? n + 1 : n) == mostDirect) {
      return ByteBuffer.allocate(size);
    }
    try {
      return ByteBuffer.allocateDirect(size);
    } catch (OutOfMemoryError e) {
      direct.decrementAndGet();
      return ByteBuffer.allocate(size);
    }
  }

  private void drop(ByteBuffer memory) {
    if (memory.isDirect()) {
      direct.decrementAndGet();
    }
  }
}
