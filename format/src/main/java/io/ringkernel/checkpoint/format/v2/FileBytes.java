package io.ringkernel.checkpoint.format.v2;

import static io.ringkernel.checkpoint.format.wire.ByteReader.verify;

import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.Stretch;
import java.nio.ByteBuffer;
import java.util.List;
import reactor.core.publisher.Mono;

/** Reads from a file that must hold what is asked for. */
final class FileBytes {
  private FileBytes() {}

  /**
   * Bytes in fresh memory.
   *
   * @param length checked against a limit before
   */
  static Mono<ByteBuffer> read(ChunkContent file, long position, int length) {
    return Mono.defer(
        () -> {
          ByteBuffer target = ByteBuffer.allocate(length);
          return fill(file, List.of(new Stretch(position, List.of(target))))
              .then(Mono.fromSupplier(target::flip));
        });
  }

  /**
   * Fills stretches of a file.
   *
   * @param stretches whose targets begin at their memory's beginning
   */
  static Mono<Void> fill(ChunkContent file, List<Stretch> stretches) {
    return Mono.defer(
        () -> {
          long wanted = room(stretches);
          return read(file, stretches)
              .defaultIfEmpty(0L)
              .doOnNext(found -> requireAll(stretches, wanted - found))
              .then();
        });
  }

  private static Mono<Long> read(ChunkContent file, List<Stretch> stretches) {
    if (stretches.size() > 1) {
      return file.readAll(stretches);
    }
    Stretch one = stretches.get(0);
    return one.targets().size() == 1
        ? file.read(one.offset(), one.targets().get(0)).map(Integer::longValue)
        : file.read(one.offset(), one.targets());
  }

  private static void requireAll(List<Stretch> stretches, long missing) {
    if (missing != 0) {
      Stretch last = stretches.get(stretches.size() - 1);
      Stretch cut = stretches.stream().filter(one -> one.length() > 0).findFirst().orElse(last);
      long read = cut.targets().stream().mapToLong(ByteBuffer::position).sum();
      verify(
          false,
          cut.offset() + read,
          "the file ends here, " + missing + " bytes more were expected");
    }
  }

  private static long room(List<Stretch> stretches) {
    return stretches.stream().mapToLong(Stretch::length).sum();
  }
}
