package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.ChunkContent;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import reactor.core.publisher.Mono;

/** Counts the bytes of one copy, and tells who wants to know. */
final class CopyMeter {
  private final String name;
  private final Consumer<CopyProgress> listener;
  private final AtomicLong copied = new AtomicLong();
  private volatile long total;
  private volatile long present;

  CopyMeter(String name, Consumer<CopyProgress> listener) {
    this.name = name;
    this.listener = listener;
  }

  /** Tells how much there is to do; bytes that were sent in an earlier try don't count. */
  void expect(long bytes) {
    copied.set(0);
    total = bytes;
    present = 0;
    listener.accept(new CopyProgress(name, 0, bytes));
  }

  /** Takes note of bytes that need not be sent. */
  void found(long bytes) {
    present = bytes;
  }

  void sent(long bytes) {
    listener.accept(new CopyProgress(name, copied.addAndGet(bytes), total));
  }

  long copied() {
    return copied.get();
  }

  long present() {
    return present;
  }

  /** The same bytes, counted as they are read. */
  ChunkContent counting(ChunkContent content) {
    return new ChunkContent() {
      @Override
      public long size() {
        return content.size();
      }

      @Override
      public Mono<Integer> read(long offset, ByteBuffer target) {
        return content.read(offset, target).doOnNext(CopyMeter.this::sent);
      }
    };
  }
}
