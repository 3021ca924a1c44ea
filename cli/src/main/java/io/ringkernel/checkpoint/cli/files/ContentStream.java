package io.ringkernel.checkpoint.cli.files;

import io.ringkernel.checkpoint.BufferPool;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.OwnedBuffer;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** All bytes of a content in large pooled buffers: large, since each costs a request or a seek. */
public final class ContentStream {
  /** One being read, one waiting and one being written, and one more: 32 MiB in all. */
  private static final int BUFFER_SIZE = 8 << 20;

  private static final int BUFFERS = 4;

  private final BufferPool pool = new BufferPool(BUFFER_SIZE, (long) BUFFERS * BUFFER_SIZE);

  /**
   * The bytes in order; each buffer belongs to the subscriber.
   *
   * @param content read piece by piece, as demanded
   */
  public Flux<OwnedBuffer> of(ChunkContent content) {
    long size = content.size();
    return Flux.<Long, Long>generate(
            () -> 0L,
            (offset, sink) -> {
              if (offset >= size) {
                sink.complete();
              } else {
                sink.next(offset);
              }
              return offset + BUFFER_SIZE;
            })
        .concatMap(offset -> piece(content, offset), 0);
  }

  private Mono<OwnedBuffer> piece(ChunkContent content, long offset) {
    return Mono.defer(
        () -> {
          OwnedBuffer owned = pool.acquire();
          owned.buffer().limit((int) Math.min(BUFFER_SIZE, content.size() - offset));
          // When cancelled, the content may still be writing: then it is left to the collector.
          return content
              .read(offset, owned.buffer())
              .doOnError(e -> owned.close())
              .map(
                  count -> {
                    owned.buffer().flip();
                    return owned;
                  });
        });
  }
}
