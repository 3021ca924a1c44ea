package io.ringkernel.checkpoint.storage;

import io.ringkernel.checkpoint.OwnedBuffer;
import java.nio.ByteBuffer;
import java.util.List;
import reactor.core.publisher.Mono;

/** A read into the caller's memory by way of a storage's own buffers, which go back at once. */
final class ReadInto {
  private final List<ByteBuffer> targets;
  private int current;
  private long taken;

  private ReadInto(List<ByteBuffer> targets) {
    this.targets = targets;
  }

  /** See {@link CheckpointStorage#readInto}. */
  static Mono<Long> by(
      CheckpointStorage storage,
      String name,
      String version,
      long offset,
      List<ByteBuffer> targets) {
    return Mono.defer(
        () -> {
          long wanted = targets.stream().mapToLong(ByteBuffer::remaining).sum();
          ReadInto into = new ReadInto(targets);
          return storage
              .read(name, Range.of(offset, wanted), version)
              .flatMapMany(ObjectRead::bytes)
              .doOnNext(into::take)
              .doOnDiscard(OwnedBuffer.class, OwnedBuffer::close)
              .then(Mono.fromSupplier(() -> into.taken));
        });
  }

  /** Copies a buffer's bytes, and closes it; what there is no room for only counts. */
  private void take(OwnedBuffer owned) {
    try (owned) {
      ByteBuffer source = owned.buffer();
      taken += source.remaining();
      while (source.hasRemaining() && current < targets.size()) {
        ByteBuffer target = targets.get(current);
        int part = Math.min(source.remaining(), target.remaining());
        target.put(source.slice(source.position(), part));
        source.position(source.position() + part);
        if (!target.hasRemaining()) {
          current++;
        }
      }
    }
  }
}
