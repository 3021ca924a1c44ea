package io.ringkernel.checkpoint.format.v2;

import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.Stretch;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
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
    return fill(file, stretches, stretch -> {});
  }

  /**
   * Fills stretches of a file, and looks at each as soon as it is filled, while its bytes are still
   * in the processor's cache.
   *
   * <p>It ends when the last of them was filled or the read failed, also when something was found
   * wrong before: from then on nothing touches the memory any more.
   *
   * @param stretches whose targets begin at their memory's beginning
   * @param look called for one at a time, where it arrives; of what it throws that is told which is
   *     first in the file
   */
  static Mono<Void> fill(ChunkContent file, List<Stretch> stretches, Consumer<Stretch> look) {
    return Mono.defer(
        () -> {
          Arrivals arrivals = new Arrivals(stretches, look);
          return read(file, stretches)
              .doOnNext(arrivals::take)
              .then(Mono.fromRunnable(arrivals::end));
        });
  }

  private static Flux<Stretch> read(ChunkContent file, List<Stretch> stretches) {
    if (stretches.size() > 1) {
      return file.readAll(stretches);
    }
    Stretch one = stretches.get(0);
    Mono<?> read =
        one.targets().size() == 1
            ? file.read(one.offset(), one.targets().get(0))
            : file.read(one.offset(), one.targets());
    return read.thenReturn(one).flux();
  }

  /** What was asked for, and which of it has come. */
  private static final class Arrivals {
    private final Set<Stretch> missing = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Consumer<Stretch> look;
    private long failedAt = Long.MAX_VALUE;
    private @Nullable RuntimeException failure;

    Arrivals(List<Stretch> stretches, Consumer<Stretch> look) {
      this.missing.addAll(stretches);
      this.look = look;
    }

    /** Throws nothing: that would end the read while memory is still written to. */
    void take(Stretch stretch) {
      if (stretch.length() == 0 && missing.remove(stretch)) {
        try {
          look.accept(stretch);
        } catch (RuntimeException e) {
          keep(stretch.offset(), e);
        }
      }
    }

    private void keep(long offset, RuntimeException found) {
      if (offset < failedAt) {
        failedAt = offset;
        failure = found;
      }
    }

    void end() {
      missing.forEach(stretch -> keep(stretch.offset(), cutOff(stretch)));
      if (failure != null) {
        throw failure;
      }
    }

    private static RuntimeException cutOff(Stretch stretch) {
      if (stretch.length() == 0) {
        return new IllegalStateException(
            "the content filled the stretch at offset "
                + stretch.offset()
                + " and did not give it: ChunkContent.readAll and CheckpointStorage.readInto must"
                + " give each stretch that they were given, and no copy of it");
      }
      long read = stretch.targets().stream().mapToLong(ByteBuffer::position).sum();
      return new CorruptCheckpointException(
          stretch.offset() + read,
          "the file ends here, " + stretch.length() + " bytes more were expected");
    }
  }
}
