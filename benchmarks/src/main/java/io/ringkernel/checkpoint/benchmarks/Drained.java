package io.ringkernel.checkpoint.benchmarks;

import io.ringkernel.checkpoint.OwnedBuffer;
import reactor.core.publisher.Flux;

/** Uses up results, so that nothing measured is optimised away. */
final class Drained {
  private static volatile long kept;

  private Drained() {}

  /** Counts and closes buffers until there are no more. */
  static long size(Flux<OwnedBuffer> bytes) {
    Long size =
        bytes
            .map(
                buffer -> {
                  long length = buffer.buffer().remaining();
                  buffer.close();
                  return length;
                })
            .reduce(0L, Long::sum)
            .block();
    keep(size == null ? 0 : size);
    return kept;
  }

  /** Makes a value visible to whoever looks. */
  static void keep(long value) {
    kept = value;
  }
}
