package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.Stretch;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** A checkpoint of a store, whose contents tell of damage with its name: files know none. */
final class NamedCheckpoint {
  private NamedCheckpoint() {}

  /**
   * The same checkpoint.
   *
   * @param name under which it was found
   * @param checkpoint closed with it
   */
  static Checkpoint of(String name, Checkpoint checkpoint) {
    List<DataChunk> chunks = checkpoint.chunks().stream().map(chunk -> named(name, chunk)).toList();
    return Checkpoint.of(checkpoint.metadata(), chunks, checkpoint::close);
  }

  private static DataChunk named(String name, DataChunk chunk) {
    return chunk
        .withContent(new Content(name, chunk.content()))
        .withFingerprints(chunk.fingerprints().onErrorMap(e -> Failures.named(name, e)));
  }

  private record Content(String name, ChunkContent stored) implements ChunkContent {
    private Throwable told(Throwable error) {
      return Failures.named(name, error);
    }

    @Override
    public long size() {
      return stored.size();
    }

    @Override
    public Mono<Integer> read(long offset, ByteBuffer target) {
      return stored.read(offset, target).onErrorMap(this::told);
    }

    @Override
    public Mono<Long> read(long offset, List<ByteBuffer> targets) {
      return stored.read(offset, targets).onErrorMap(this::told);
    }

    @Override
    public Flux<Stretch> readAll(List<Stretch> stretches) {
      return stored.readAll(stretches).onErrorMap(this::told);
    }

    @Override
    public @Nullable ByteBuffer view(long offset, int length) {
      return stored.view(offset, length);
    }
  }
}
