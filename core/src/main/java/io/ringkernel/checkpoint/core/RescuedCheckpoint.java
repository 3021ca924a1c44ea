package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.DataChunk;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** A checkpoint of the near tier; what can't be read there is read from its copy in the far one. */
final class RescuedCheckpoint {
  private final Mono<Optional<Checkpoint>> copy;
  private final AtomicReference<@Nullable Checkpoint> opened = new AtomicReference<>();
  private volatile boolean closed;

  private RescuedCheckpoint(Mono<Checkpoint> copy) {
    // Opened once it is needed; a failure is not remembered.
    this.copy =
        copy.doOnNext(this::keep)
            .map(Optional::of)
            .defaultIfEmpty(Optional.empty())
            .cacheInvalidateIf(known -> known.isEmpty());
  }

  /**
   * Such a checkpoint.
   *
   * @param near closed with it
   * @param copy opens the same checkpoint elsewhere; empty when there is none
   */
  static Checkpoint of(Checkpoint near, Mono<Checkpoint> copy) {
    RescuedCheckpoint rescued = new RescuedCheckpoint(copy);
    List<DataChunk> chunks = new ArrayList<>();
    for (int i = 0; i < near.chunks().size(); i++) {
      DataChunk chunk = near.chunks().get(i);
      chunks.add(
          chunk
              .withContent(rescued.new Content(chunk.content(), i))
              .withFingerprints(chunk.fingerprints()));
    }
    return Checkpoint.of(
        near.metadata(),
        chunks,
        () -> {
          near.close();
          rescued.close();
        });
  }

  private void keep(Checkpoint found) {
    opened.set(found);
    if (closed) {
      close();
    }
  }

  private void close() {
    closed = true;
    Checkpoint mine = opened.getAndSet(null);
    if (mine != null) {
      mine.close();
    }
  }

  private final class Content implements ChunkContent {
    private final ChunkContent near;
    private final int index;

    Content(ChunkContent near, int index) {
      this.near = near;
      this.index = index;
    }

    @Override
    public long size() {
      return near.size();
    }

    @Override
    public Mono<Integer> read(long offset, ByteBuffer target) {
      return read(offset, List.of(target)).map(Math::toIntExact);
    }

    @Override
    public Mono<Long> read(long offset, List<ByteBuffer> targets) {
      return Mono.defer(
          () -> {
            int[] positions = targets.stream().mapToInt(ByteBuffer::position).toArray();
            return near.read(offset, targets)
                .onErrorResume(
                    NearestReads::mayBeFar,
                    e ->
                        copy.flatMap(Mono::justOrEmpty)
                            .map(found -> found.chunks().get(index).content())
                            .switchIfEmpty(Mono.error(e))
                            .flatMap(
                                content -> {
                                  for (int i = 0; i < positions.length; i++) {
                                    targets.get(i).position(positions[i]);
                                  }
                                  return content.read(offset, targets);
                                }));
          });
    }

    @Override
    public @Nullable ByteBuffer view(long offset, int length) {
      return near.view(offset, length);
    }
  }
}
