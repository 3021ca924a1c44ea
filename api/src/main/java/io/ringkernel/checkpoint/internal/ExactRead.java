package io.ringkernel.checkpoint.internal;

import io.ringkernel.checkpoint.ChunkContent;
import java.nio.ByteBuffer;
import reactor.core.publisher.Mono;

/**
 * A read that gives all that was asked for: what a content owes, and what must not be taken on
 * trust where a shortfall would shift every byte behind it.
 */
public final class ExactRead {
  private ExactRead() {}

  /**
   * Fills a buffer from its position to its limit.
   *
   * @param content what to read, which has that many bytes at {@code offset}
   * @param offset from its start
   * @param target heap or direct
   * @return the target, its position back where it was and its limit behind the bytes
   */
  public static Mono<ByteBuffer> of(ChunkContent content, long offset, ByteBuffer target) {
    return Mono.defer(
        () -> {
          int start = target.position();
          int wanted = target.remaining();
          return content
              .read(offset, target)
              .defaultIfEmpty(0)
              .map(
                  read -> {
                    if (read != wanted) {
                      throw new IllegalStateException(
                          "a content of "
                              + content.size()
                              + " bytes gave "
                              + read
                              + " at offset "
                              + offset
                              + " where "
                              + wanted
                              + " were asked for: it must give all of them");
                    }
                    return target.limit(start + wanted).position(start);
                  });
        });
  }
}
