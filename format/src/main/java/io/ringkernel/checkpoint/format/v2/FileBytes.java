package io.ringkernel.checkpoint.format.v2;

import static io.ringkernel.checkpoint.format.wire.ByteReader.verify;

import io.ringkernel.checkpoint.ChunkContent;
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
          return fill(file, position, List.of(target), length)
              .then(Mono.fromSupplier(target::flip));
        });
  }

  /**
   * Fills buffers with consecutive bytes.
   *
   * @param length their room in all
   */
  static Mono<Void> fill(ChunkContent file, long position, List<ByteBuffer> targets, long length) {
    Mono<Long> read =
        targets.size() == 1
            ? file.read(position, targets.get(0)).map(Integer::longValue)
            : file.read(position, targets);
    return read.defaultIfEmpty(0L)
        .doOnNext(
            found ->
                verify(
                    found == length,
                    position + found,
                    "the file ends here, " + (length - found) + " bytes more were expected"))
        .then();
  }
}
