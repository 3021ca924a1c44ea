package io.ringkernel.checkpoint.format.v2;

import io.ringkernel.checkpoint.ChunkContent;
import java.nio.ByteBuffer;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * The raw bytes of one chunk of a file: of what is asked for, exactly the blocks needed are read,
 * each verified before it is given.
 */
final class IndexedContent implements ChunkContent {
  private final int chunk;
  private final long size;
  private final IndexPages pages;
  private final BlockReader reader;
  private final Scheduler workers;

  IndexedContent(int chunk, long size, IndexPages pages, BlockReader reader, Scheduler workers) {
    this.chunk = chunk;
    this.size = size;
    this.pages = pages;
    this.reader = reader;
    this.workers = workers;
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public Mono<Integer> read(long offset, ByteBuffer target) {
    return Mono.defer(
        () -> {
          if (offset < 0 || offset > size) {
            throw new IndexOutOfBoundsException("offset " + offset + " is not within 0.." + size);
          }
          int start = target.position();
          int wanted = (int) Math.min(target.remaining(), size - offset);
          if (wanted == 0) {
            return Mono.just(0);
          }
          return fill(offset, target.slice(start, wanted))
              .then(
                  Mono.fromSupplier(
                      () -> {
                        target.position(start + wanted);
                        return wanted;
                      }));
        });
  }

  private Mono<Void> fill(long offset, ByteBuffer target) {
    long pageSize = (long) reader.blockSize() * Layout.BLOCKS_PER_PAGE;
    int first = (int) (offset / pageSize);
    int last = (int) ((offset + target.remaining() - 1) / pageSize);
    Flux<IndexPage> described =
        Flux.range(first, last - first + 1)
            .flatMapSequential(page -> pages.get(chunk, page), TargetFill.PAGES_AT_ONCE, 1)
            .publishOn(workers, TargetFill.PAGES_AT_ONCE);
    return new TargetFill(reader, size, offset, target).from(described);
  }
}
