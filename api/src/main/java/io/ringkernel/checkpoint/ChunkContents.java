package io.ringkernel.checkpoint;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** The contents that this module makes itself. */
final class ChunkContents {
  static final ChunkContent EMPTY = new Host(List.of());

  private ChunkContents() {}

  static ChunkContent ofBuffers(List<ByteBuffer> buffers) {
    List<ByteBuffer> segments = new ArrayList<>();
    buffers.stream().filter(ByteBuffer::hasRemaining).map(ByteBuffer::slice).forEach(segments::add);
    return segments.isEmpty() ? EMPTY : new Host(segments);
  }

  static Mono<Long> readInTurn(ChunkContent content, long offset, List<ByteBuffer> targets) {
    return Mono.defer(
        () -> {
          AtomicLong next = new AtomicLong(offset);
          return Flux.fromIterable(targets)
              .concatMap(target -> content.read(next.get(), target).doOnNext(next::addAndGet), 0)
              .then(Mono.fromSupplier(() -> next.get() - offset));
        });
  }

  static Flux<Stretch> readAllInTurn(ChunkContent content, List<Stretch> stretches) {
    return Flux.fromIterable(stretches)
        .concatMap(
            stretch -> content.read(stretch.offset(), stretch.targets()).thenReturn(stretch), 0);
  }

  static Flux<ByteBuffer> buffers(ChunkContent content, int bufferSize) {
    if (bufferSize < 1) {
      throw new IllegalArgumentException("bufferSize must be at least 1, not " + bufferSize);
    }
    return Flux.<Long, Long>generate(
            () -> 0L,
            (offset, sink) -> {
              if (offset >= content.size()) {
                sink.complete();
              } else {
                sink.next(offset);
              }
              return offset + bufferSize;
            })
        .concatMap(
            offset -> {
              int length = (int) Math.min(bufferSize, content.size() - offset);
              ByteBuffer target = ByteBuffer.allocate(length);
              return content.read(offset, target).map(read -> target.flip());
            },
            1);
  }

  static ChunkContent slice(ChunkContent content, long offset, long length) {
    Objects.checkFromIndexSize(offset, length, content.size());
    return new Slice(content, offset, length);
  }

  /**
   * Refuses an offset outside {@code size}: a mistake of the caller, told before anything is read.
   */
  private static void checkOffset(long offset, long size) {
    if (offset < 0 || offset > size) {
      throw new IndexOutOfBoundsException("offset " + offset + " is not within 0.." + size);
    }
  }

  /** Host memory in segments, none of them empty. */
  private static final class Host implements ChunkContent {
    private final ByteBuffer[] segments;

    /** starts[i] is the offset of segment i; one more for the end. */
    private final long[] starts;

    Host(List<ByteBuffer> segments) {
      this.segments = segments.toArray(ByteBuffer[]::new);
      this.starts = new long[this.segments.length + 1];
      for (int i = 0; i < this.segments.length; i++) {
        starts[i + 1] = starts[i] + this.segments[i].remaining();
      }
    }

    @Override
    public long size() {
      return starts[segments.length];
    }

    @Override
    public Mono<Integer> read(long offset, ByteBuffer target) {
      return Mono.fromSupplier(
          () -> {
            checkOffset(offset, size());
            int wanted = (int) Math.min(target.remaining(), size() - offset);
            int done = 0;
            while (done < wanted) {
              ByteBuffer part = window(offset + done, wanted - done);
              done += part.remaining();
              target.put(part);
            }
            return wanted;
          });
    }

    @Override
    public ByteBuffer view(long offset, int length) {
      Objects.checkIndex(offset, size());
      return window(offset, length);
    }

    private ByteBuffer window(long offset, int length) {
      int found = Arrays.binarySearch(starts, offset);
      int segment = found >= 0 ? found : -found - 2;
      int from = (int) (offset - starts[segment]);
      return segments[segment].slice(from, Math.min(length, segments[segment].limit() - from));
    }
  }

  private record Slice(ChunkContent content, long offset, long size) implements ChunkContent {
    @Override
    public Mono<Integer> read(long from, ByteBuffer target) {
      return Mono.defer(
          () -> {
            checkOffset(from, size);
            int wanted = (int) Math.min(target.remaining(), size - from);
            ByteBuffer part = target.slice(target.position(), wanted);
            return content
                .read(offset + from, part)
                .doOnNext(read -> target.position(target.position() + read));
          });
    }

    @Override
    public @Nullable ByteBuffer view(long from, int length) {
      Objects.checkIndex(from, size);
      return content.view(offset + from, (int) Math.min(length, size - from));
    }
  }
}
