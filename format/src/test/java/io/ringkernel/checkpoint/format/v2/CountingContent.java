package io.ringkernel.checkpoint.format.v2;

import io.ringkernel.checkpoint.ChunkContent;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import reactor.core.publisher.Mono;

/** A content outside host memory, as a device's: it has no windows, and counts what is read. */
final class CountingContent implements ChunkContent {
  private final ChunkContent bytes;

  final AtomicInteger requests = new AtomicInteger();
  final AtomicLong bytesRead = new AtomicLong();

  /** What the last request asked to have filled, buffer by buffer. */
  final AtomicReference<List<Integer>> targets = new AtomicReference<>(List.of());

  CountingContent(byte[] bytes) {
    this.bytes = ChunkContent.of(bytes);
  }

  @Override
  public long size() {
    return bytes.size();
  }

  @Override
  public Mono<Integer> read(long offset, ByteBuffer target) {
    return read(offset, List.of(target)).map(Long::intValue);
  }

  @Override
  public Mono<Long> read(long offset, List<ByteBuffer> buffers) {
    return Mono.defer(
        () -> {
          requests.incrementAndGet();
          targets.set(buffers.stream().map(ByteBuffer::remaining).toList());
          return bytes.read(offset, buffers).doOnNext(bytesRead::addAndGet);
        });
  }
}
