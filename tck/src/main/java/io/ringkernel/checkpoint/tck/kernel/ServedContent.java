package io.ringkernel.checkpoint.tck.kernel;

import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.OwnedBuffer;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * Content for a restore, in memory that is overwritten once its checkpoint is closed. It answers
 * from a non-blocking thread, and can fail or wait in the middle of a read.
 */
final class ServedContent implements ChunkContent {
  private final OwnedBuffer memory;
  private final int size;
  private final @Nullable Mono<Void> halfWay;
  private final Consumer<Thread> onRead;

  /**
   * @param memory the bytes; closed by the checkpoint
   * @param halfWay between the two halves of each read; null when nothing is
   * @param onRead told the thread that subscribes to a read
   */
  ServedContent(OwnedBuffer memory, @Nullable Mono<Void> halfWay, Consumer<Thread> onRead) {
    this.memory = memory;
    this.size = memory.buffer().remaining();
    this.halfWay = halfWay;
    this.onRead = onRead;
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public Mono<Integer> read(long offset, ByteBuffer target) {
    return Mono.defer(
        () -> {
          onRead.accept(Thread.currentThread());
          int length = (int) Math.min(target.remaining(), size - offset);
          if (halfWay == null) {
            return copying(offset, length, target).thenReturn(length);
          }
          int half = length / 2;
          return copying(offset, half, target)
              .then(halfWay)
              .then(copying(offset + half, length - half, target))
              .thenReturn(length);
        });
  }

  private Mono<Void> copying(long offset, int length, ByteBuffer target) {
    return Mono.<Void>fromRunnable(() -> target.put(memory.buffer().slice((int) offset, length)))
        .subscribeOn(Schedulers.parallel());
  }
}
